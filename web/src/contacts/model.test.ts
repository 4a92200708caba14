import { describe, expect, it } from 'vitest'
import { asFilter, asQuery, mappingJson, nextSort, refusedCsv } from './model'

describe('filters of contacts', () => {
  it('are the parameters of the call', () => {
    expect(asQuery({ q: 'asha', tag: 'vip', consent: 'no', blocked: 'yes', sort: '-name' })).toEqual({ q: 'asha', tag: ['vip'], optin: false, blocked: true, sort: '-name' })
    expect(asQuery({ consent: 'nonsense' })).toEqual({})
  })
  it('are a filter for segments and bulk actions', () => {
    expect(asFilter({ tag: 'vip', list: 'Customers', consent: 'yes', sort: 'name' })).toEqual({ tags: ['vip'], lists: ['Customers'], optin: true })
    expect(asFilter({ segment: '3', tag: 'a' }, { attributes: { city: 'x' } })).toEqual({ attributes: { city: 'x' }, tags: ['a'] })
    expect(asFilter({})).toEqual({})
  })
  it('cannot say a search', () => {
    expect(asFilter({ q: 'asha' })).toBeNull()
    expect(asFilter({ segment: '3' })).toBeNull()
  })
  it('are sorted up, down, and as before', () => {
    expect([nextSort(undefined, 'name'), nextSort('name', 'name'), nextSort('-name', 'name')]).toEqual(['name', '-name', undefined])
    expect([nextSort(undefined, 'lastSeenAt'), nextSort('-lastSeenAt', 'lastSeenAt'), nextSort('lastSeenAt', 'lastSeenAt')]).toEqual(['-lastSeenAt', 'lastSeenAt', undefined])
    expect(nextSort(undefined, 'createdAt')).toBe('createdAt')
  })
})

describe('an import', () => {
  it('tells only what was mapped by hand', () => {
    expect(mappingJson({ phone: '', name: '' })).toBeUndefined()
    expect(mappingJson({ phone: 'Mobile', name: '' })).toBe('{"phone":"Mobile"}')
  })
  it('gives back the refused rows without formulas', () => {
    expect(refusedCsv([{ line: 3, value: '=1+"1"', code: 'bad', reason: 'Not a number.' }])).toBe('line,value,code,reason\r\n"3","\'=1+""1""","bad","Not a number."')
  })
})
