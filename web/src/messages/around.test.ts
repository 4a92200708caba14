import { describe, expect, it } from 'vitest'
import type { Message } from '@/api/views'
import { newerPlace, PAGE } from './around'

const page = (count: number) => Array.from({ length: count }, (_, at) => ({ id: String(1000 - at) }) as Message)

describe('newerPlace', () => {
  it('goes on after the newest message of a page', () => {
    expect(newerPlace(page(3), { around: '999' })).toEqual({ newerThan: '1000' })
    expect(newerPlace(page(PAGE), { newerThan: '900' })).toEqual({ newerThan: '1000' })
  })
  it('ends with a page of newer ones that is not full', () => {
    expect(newerPlace(page(PAGE - 1), { newerThan: '900' })).toBeUndefined()
    expect(newerPlace([], { newerThan: '900' })).toBeUndefined()
  })
})
