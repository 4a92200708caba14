export default {
  title: 'AI answers', about: 'The endpoint that the step “Let an AI answer” asks: any that speaks OpenAI’s chat completions. Until you set one, nothing is sent anywhere.',
  baseUrl: 'Address', baseUrlHelp: 'Up to where /chat/completions follows.', key: 'Key', keyKept: 'A key is kept. It stays while the address leads to the same place.', model: 'Model',
  perChatDay: 'Calls for one chat and day', perDay: 'Calls of all chats in a day', timeoutSeconds: 'Seconds to wait for an answer', maxTokens: 'Tokens of one answer at most',
  priceIn: 'Price of a million tokens sent', priceOut: 'Price of a million tokens received', currency: 'Currency', jsonMode: 'JSON mode', save: 'Save endpoint', saved: 'The endpoint was saved.',
  test: 'Test', works: 'The endpoint answers, in {time} ms.', remove: 'Remove', removed: 'The endpoint was removed. Nothing is asked any more.',
  knowledge: {
    title: 'Pages and files for AI answers', about: 'AI answers are made of these. They are cut into passages; a heading (# Prices) names its own.', passages: '{count} passages', none: 'Nothing yet.',
    add: 'Write a page', upload: 'Upload files', name: 'Name', text: 'Text', textHelp: 'Plain text or Markdown.', save: 'Save page', cancel: 'Cancel', saved: 'Saved.', change: 'Change {name}', delete: 'Delete {name}', deleted: 'Deleted.',
  },
  usage: { title: 'AI answers in 30 days', sums: '{calls} calls, {answers} answers, {suggestions} suggestions, {handOvers} handed over', tokens: '{into} tokens sent, {out} received: {cost}' },
}
