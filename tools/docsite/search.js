// The search: an index of words over the sections of all pages, built in the browser when somebody searches.

const WEIGHT = { title: 12, page: 6, text: 1 };
const EXCERPT = 150;

/** The words of a text, in lower case and without accents. */
export function words(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** The first index whose word is not before `wanted`. */
function place(sorted, wanted) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An index over sections {u: address, p: page, t: heading, b: text}; `find` gives the best ones first. */
export function makeIndex(sections) {
  const found = new Map();
  const add = (number, text, weight) => {
    for (const word of words(text)) {
      let scores = found.get(word);
      if (!scores) found.set(word, (scores = new Map()));
      scores.set(number, (scores.get(number) ?? 0) + weight);
    }
  };
  sections.forEach((section, number) => {
    add(number, section.t, WEIGHT.title);
    if (section.p !== section.t) add(number, section.p, WEIGHT.page);
    // A long section has every word somewhere: what a short one says weighs more.
    add(number, section.b, WEIGHT.text / Math.sqrt(1 + section.b.length / 500));
  });
  const sorted = [...found.keys()].sort();

  /** Section to score, for one word or what begins with it. A whole word counts more. */
  const scoresOf = (wanted) => {
    const scores = new Map();
    for (let at = place(sorted, wanted); at < sorted.length && sorted[at].startsWith(wanted); at++) {
      const hits = found.get(sorted[at]);
      const rare = Math.log(1 + sections.length / hits.size);
      const whole = sorted[at] === wanted ? 3 : 1;
      for (const [number, count] of hits) {
        scores.set(number, (scores.get(number) ?? 0) + whole * rare * Math.log(1 + count));
      }
    }
    return scores;
  };

  /** Sections that have all words; where none has, those that have most of them. */
  const find = (query, limit = 12) => {
    const wanted = [...new Set(words(query))].slice(0, 12);
    const total = new Map();
    for (const word of wanted) {
      for (const [number, score] of scoresOf(word)) {
        const so = total.get(number) ?? { number, matched: 0, score: 0 };
        so.matched += 1;
        so.score += score;
        total.set(number, so);
      }
    }
    const most = Math.max(0, ...[...total.values()].map((one) => one.matched));
    return [...total.values()]
      .filter((one) => one.matched === most)
      .sort((a, b) => b.score - a.score || a.number - b.number)
      .slice(0, limit)
      .map((one) => sections[one.number]);
  };
  return { find };
}

/** A piece of a text around the first of the words, as parts [text, is a match]. */
export function excerpt(text, query) {
  const wanted = words(query);
  if (!wanted.length) return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(${wanted.map((one) => one.replace(/\W/gu, '\\$&')).join('|')})`, 'giu');
  const first = text.search(pattern);
  let start = Math.max(0, first - 40);
  if (start > 0) start = text.indexOf(' ', start) + 1 || start;
  const piece = text.slice(start, start + EXCERPT);
  const parts = [];
  let last = 0;
  for (const match of piece.matchAll(pattern)) {
    parts.push([piece.slice(last, match.index), false], [match[0], true]);
    last = match.index + match[0].length;
  }
  parts.push([piece.slice(last) + (start + EXCERPT < text.length ? '...' : ''), false]);
  if (start > 0) parts.unshift(['...', false]);
  return parts.filter(([part]) => part);
}
