import { describe, expect, it } from 'vitest'
import { configOf, fieldsOf, missingOf } from './schema'

const schema = {
  properties: {
    baseUrl: { type: 'string', default: 'https://example.org', title: 'Address' },
    token: { type: 'string', writeOnly: true, title: 'Token', description: 'From the provider.' },
    secret: { anyOf: [{ type: 'string', writeOnly: true }, { type: 'null' }], default: null },
    people: { anyOf: [{ type: 'string', enum: ['plain', 'lively'] }, { type: 'null' }], default: null },
    seed: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
    perProcess: { type: 'integer', default: 4 },
    autoScan: { type: 'boolean', default: true },
  },
  required: ['token'],
}

describe('the form of a schema', () => {
  const fields = fieldsOf(schema)
  it('has the fields that must be filled in first', () => {
    expect(fields.map((one) => one.name)).toEqual(['token', 'baseUrl', 'secret', 'people', 'seed', 'perProcess', 'autoScan'])
  })
  it('knows secrets, choices, numbers and switches, with or without null', () => {
    expect(fields.map((one) => one.kind)).toEqual(['secret', 'text', 'secret', 'choice', 'number', 'number', 'switch'])
    expect(fields.find((one) => one.name === 'people')?.options).toEqual(['plain', 'lively'])
    expect(fields.find((one) => one.name === 'perProcess')?.usual).toBe('4')
    expect(fields.find((one) => one.name === 'autoScan')?.isOn).toBe(true)
  })
  it('is empty without a schema', () => {
    expect(fieldsOf(null)).toEqual([])
  })
  it('sends what was filled in, with its type, and leaves the rest out', () => {
    const values = { token: ' abc ', baseUrl: '', people: 'lively', seed: '7', autoScan: false }
    expect(configOf(fields, values)).toEqual({ token: 'abc', people: 'lively', seed: 7, autoScan: false })
  })
  it('says what is missing', () => {
    expect(missingOf(fields, { token: '  ' }).map((one) => one.name)).toEqual(['token'])
    expect(missingOf(fields, { token: 'abc' })).toEqual([])
  })
})
