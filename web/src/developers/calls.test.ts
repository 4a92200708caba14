import { describe, expect, it } from 'vitest'
import { type Call, callsOf, DIALECTS, type Facts, LANGUAGES, render } from './calls'

const FACTS: Facts = { base: 'https://jackfield.example', key: 'jf_secret', profileId: '7', to: '628111', template: { name: 'summer', language: 'en', header: ['Asha'], body: ['Sunday', '20 %'] }, email: 'o@example.com' }
const call: Call = { id: 'text', method: 'POST', url: 'https://x.example/api', headers: { 'X-API-Key': "it's" }, body: { text: "It's \"it\" \\ and\nmore", flag: true, none: null, list: ['a', 1] } }

describe('calls', () => {
  it.each(DIALECTS)('of %s carry the workspace’s own values', (dialect) => {
    const calls = callsOf(dialect, FACTS)
    expect(calls.length).toBeGreaterThan(0)
    for (const one of calls) {
      expect(one.url.startsWith(FACTS.base)).toBe(true)
      expect(Object.values(one.headers).join()).toContain(FACTS.key)
    }
  })
  it('name the template that there is', () => {
    const template = callsOf('native', FACTS).find((one) => one.id === 'template')
    expect(template?.body).toEqual({ profileId: '7', to: '628111', name: 'summer', language: 'en', header: ['Asha'], body: ['Sunday', '20 %'] })
  })
})

describe('programs', () => {
  it('quote for the shell', () => {
    expect(render(call, 'curl')).toContain(`-H 'X-API-Key: it'\\''s'`)
    expect(render(call, 'curl').split(' \\\n')).toHaveLength(4)
  })
  it('quote for Python', () => {
    expect(render(call, 'python')).toContain('"text": "It\'s \\"it\\" \\\\ and\\nmore",')
    expect(render(call, 'python')).toContain('"flag": True,\n        "none": None,\n        "list": ["a", 1],')
  })
  it('quote for PHP', () => { expect(render(call, 'php')).toContain("'flag' => true,") })
  it('run as JavaScript', async () => {
    const asked: unknown[] = []
    const fetch = (url: string, options: unknown) => {
      asked.push(url, options)
      return Promise.resolve({ json: () => ({}) })
    }
    const source = render({ ...call, body: { text: "It's \\ here", list: ['a'] } }, 'javascript').replace('console.log', 'void ')
    await (new Function('fetch', `return (async () => { ${source} })()`) as (given: unknown) => Promise<void>)(fetch)
    expect(asked[0]).toBe(call.url)
    expect(JSON.parse((asked[1] as { body: string }).body)).toEqual({ text: "It's \\ here", list: ['a'] })
  })
  it.each(LANGUAGES)('in %s read without a body', (language) => {
    expect(render({ id: 'list', method: 'GET', url: 'https://x.example', headers: { a: 'b' } }, language)).not.toMatch(/POST|json=|undefined/)
  })
})
