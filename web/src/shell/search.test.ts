import { describe, expect, it } from 'vitest'
import { partsOf } from './search'

describe('partsOf', () => {
  it('cuts a text where the found words begin and end', () => {
    expect(partsOf({ text: 'Hello Budi there', ranges: [{ start: 6, end: 10 }] })).toEqual([
      { text: 'Hello ', found: false }, { text: 'Budi', found: true }, { text: ' there', found: false },
    ])
  })
  it('counts characters, not the halves of an emoji', () => {
    expect(partsOf({ text: '🎉 Budi', ranges: [{ start: 2, end: 6 }] })).toEqual([{ text: '🎉 ', found: false }, { text: 'Budi', found: true }])
  })
  it('gives a text without ranges whole, and an empty one not at all', () => {
    expect(partsOf({ text: 'x', ranges: [] })).toEqual([{ text: 'x', found: false }])
    expect(partsOf({ text: '', ranges: [] })).toEqual([])
  })
})
