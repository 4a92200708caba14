import { describe, expect, it } from 'vitest'
import type { Message, Profile } from '@/api/views'
import { byNeed, causes } from './model'

const failed = (code: string) => ({ error: { code, message: code, title: `Title of ${code}` } }) as Message
const channel = (name: string, status: string) => ({ name, status }) as Profile

describe('the overview', () => {
  it('counts failures by cause, the most frequent first', () => {
    const found = causes([failed('1'), failed('2'), failed('2'), { error: null } as Message])
    expect(found.map((one) => [one.title, one.count])).toEqual([['Title of 2', 2], ['Title of 1', 1]])
  })
  it('puts channels that need somebody first', () => {
    expect(byNeed([channel('A', 'connected'), channel('C', 'failed'), channel('B', 'pairing')]).map((one) => one.name)).toEqual(['B', 'C', 'A'])
  })
})
