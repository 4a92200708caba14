import { describe, expect, it } from 'vitest'
import { families, hears, pretty, shorten, toggleEvent, toggleFamily } from './model'

const ALL = ['*', 'message.*', 'message.sent', 'message.failed', 'call.received']
const [messages] = families(ALL)

describe('events', () => {
  it('are grouped by family', () => {
    expect(families(ALL)).toEqual([{ name: 'message', events: ['message.sent', 'message.failed'] }, { name: 'call', events: ['call.received'] }])
  })
  it('are heard by name, by family and all', () => {
    expect([hears(['*'], 'call.received'), hears(['message.*'], 'message.sent'), hears(['message.*'], 'call.received')]).toEqual([true, true, false])
  })
  it('are switched one by one and by family', () => {
    if (messages === undefined) throw new Error('no family')
    expect(toggleEvent(['message.*', 'call.received'], messages, 'message.sent', false)).toEqual(['call.received', 'message.failed'])
    expect(toggleEvent(['message.failed'], messages, 'message.sent', true)).toEqual(['message.*'])
    expect(toggleFamily(['message.sent', 'call.received'], messages, true)).toEqual(['call.received', 'message.*'])
    expect(toggleFamily(['message.*', 'call.received'], messages, false)).toEqual(['call.received'])
  })
  it('are told in short', () => {
    const all = [...families(ALL), { name: 'ticket', events: ['ticket.created', 'ticket.closed'] }]
    expect(shorten(['message.sent', 'message.failed', 'ticket.created'], all)).toEqual(['message.*', 'ticket.created'])
    expect(shorten(['*'], all)).toEqual(['*'])
  })
})

describe('bodies', () => {
  it('are indented where they are JSON', () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(pretty('Bad Gateway')).toBe('Bad Gateway')
  })
})
