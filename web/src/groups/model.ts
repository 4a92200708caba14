/** Numbers as people write them, several in one text. Pure. */

/** The numbers of a text, one a line or with commas or semicolons between, digits only. */
export function numbersIn(words: string): string[] {
  return [...new Set(words.split(/[\n,;]+/).map((one) => one.replace(/\D/g, '')).filter((one) => one.length >= 6))]
}
