import { beforeEach, describe, expect, it } from 'vitest'
import { bytes, count, money, percent } from './number'
import { phone } from './phone'
import { settings } from './settings'
import { initials, isEmojiOnly, pieces } from './text'

beforeEach(() => {
  settings.locale = 'en'
})

describe('numbers', () => {
  it.each([[0, '0'], [9_999, '9,999'], [12_345, '12.3K'], [1_000_000, '1M']])('%d is %s', (value, said) => {
    expect(count(value)).toBe(said)
  })
  it.each([[0, '0%'], [0.0312, '3.1%'], [0.5, '50%'], [0.994, '99%']])('a share of %d is %s', (value, said) => {
    expect(percent(value)).toBe(said)
  })
  it.each([[193, '193 bytes'], [2044, '2 kB'], [14_400_000, '14 MB']])('%d bytes are %s', (value, said) => {
    expect(bytes(value)).toBe(said)
  })
  it('say a sum with its currency, known or not', () => {
    expect(money(99.8, 'USD')).toBe('$99.80')
    expect(money(5, 'points')).toBe('5 points')
  })
})

describe('phone numbers', () => {
  it.each([
    ['628123456789', '+62 8123 456 789'],
    ['628123456789@c.us', '+62 8123 456 789'],
    ['14155550123', '+1 4155 550 123'],
    ['972501234567', '+972 501 234 567'],
    ['shop-group@g.us', 'shop-group@g.us'],
    ['Asha', 'Asha'],
  ])('%s is shown as %s', (address, shown) => {
    expect(phone(address)).toBe(shown)
  })
})

describe('marked text', () => {
  const drawn = (text: string) => pieces(text).map((one) => [one.text, ...one.marks])

  it('has bold, italic, struck and code pieces, one within another', () => {
    expect(drawn('a *b* _c_ ~d~ `e`')).toEqual([['a '], ['b', 'bold'], [' '], ['c', 'italic'], [' '], ['d', 'strike'], [' '], ['e', 'code']])
    expect(drawn('*_both_*')).toEqual([['both', 'bold', 'italic']])
  })
  it('leaves signs alone that mark nothing', () => {
    expect(drawn('2*3*4 and snake_case_name')).toEqual([['2*3*4 and snake_case_name']])
    expect(drawn('* not bold *')).toEqual([['* not bold *']])
    expect(drawn('`*code*`')).toEqual([['*code*', 'code']])
  })
  it('links addresses of the web and no others', () => {
    expect(pieces('See https://example.com/a_b_c?x=1, now.')).toEqual([
      { text: 'See ', marks: [] },
      { text: 'https://example.com/a_b_c?x=1', marks: [], href: 'https://example.com/a_b_c?x=1' },
      { text: ', now.', marks: [] },
    ])
    expect(pieces('www.example.com')[0]?.href).toBe('https://www.example.com')
    expect(pieces('javascript:alert(1) data:text/html,x').every((one) => one.href === undefined)).toBe(true)
  })
  it('keeps every character of what was written', () => {
    for (const text of ['*a', '**', '_*~', 'a\n*b*\nc', '😀 *x*', '```x']) expect(pieces(text).map((one) => one.text).join('').length).toBeGreaterThan(0)
  })
})

describe('small things', () => {
  it('draws up to three emoji large', () => {
    expect(isEmojiOnly('😀')).toBe(true)
    expect(isEmojiOnly('👨‍👩‍👧 ❤️')).toBe(true)
    expect(isEmojiOnly('😀😀😀😀')).toBe(false)
    expect(isEmojiOnly('42')).toBe(false)
    expect(isEmojiOnly('ok 😀')).toBe(false)
  })
  it.each([['Asha Rao', 'AR'], ['李伟', '李'], ['Müller, Jürgen', 'MJ'], ['+62 812', '#'], ['', '#']])('%s has the initials %s', (name, said) => {
    expect(initials(name)).toBe(said)
  })
})
