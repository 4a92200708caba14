import { describe, expect, it } from 'vitest'
import type { Template } from '@/api/views'
import { asComponents, asDraft, drawDraft, emptyButton, emptyCard, emptyDraft, nextVariable, parameterFormat, problems, type TemplateDraft, variables } from './model'

const WORDS = { body: '*1* is your code.', security: 'Do not share it.', footer: 'Soon.', button: 'Copy' }
const good = (changes: Partial<TemplateDraft> = {}): TemplateDraft => ({ ...emptyDraft(), profileId: '1', name: 'pickup_ready', body: 'Hi {{1}}, it is ready.', bodyExamples: { 1: 'Budi' }, ...changes })
const places = (draft: TemplateDraft) => problems(draft).map((one) => one.place)
const stored = (draft: TemplateDraft): Template => ({ id: '1', profileId: '1', name: draft.name, language: draft.language, category: draft.category, status: 'APPROVED', components: asComponents(draft) })

describe('variables', () => {
  it('are found once each, in the order of their numbers', () => {
    expect(variables('{{2}} and {{ 1 }} and {{2}}')).toEqual(['1', '2'])
    expect(variables('{{name}} {{day}}')).toEqual(['name', 'day'])
    expect(nextVariable('a {{1}} b')).toBe('2')
  })
})

describe('components', () => {
  it('carry examples by place or by name', () => {
    expect(asComponents(good())).toEqual([{ type: 'BODY', text: 'Hi {{1}}, it is ready.', example: { body_text: [['Budi']] } }])
    const named = good({ body: 'Hi {{name}}!', bodyExamples: { name: 'Budi' } })
    expect(parameterFormat(named)).toBe('NAMED')
    expect(asComponents(named)[0]?.example).toEqual({ body_text_named_params: [{ param_name: 'name', example: 'Budi' }] })
  })
  it('come back as the same draft', () => {
    const draft = good({
      header: { format: 'IMAGE', text: '', handle: 'media:7' }, footer: 'Shop',
      buttons: [{ ...emptyButton('QUICK_REPLY'), text: 'Yes' }, { ...emptyButton('URL'), text: 'Track', url: 'https://shop.example/{{1}}', example: 'https://shop.example/7' }],
      code: { security: false, minutes: '', button: '' },
    })
    expect(asDraft(stored(draft))).toEqual(draft)
    const carousel = good({ cards: [emptyCard(), emptyCard()].map((card) => ({ ...card, handle: 'media:1', body: 'One', buttons: [{ ...emptyButton('QUICK_REPLY'), text: 'Take it' }] })), code: { security: false, minutes: '', button: '' } })
    expect(asDraft(stored(carousel))).toEqual(carousel)
  })
  it('keep what the editor does not know', () => {
    const offer = { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Now' } }
    const flow = { type: 'FLOW', text: 'Book', flow_id: '7' }
    const draft = asDraft({ ...stored(good()), components: [offer, { type: 'BODY', text: 'Hello' }, { type: 'BUTTONS', buttons: [flow] }] })
    expect(asComponents(draft)).toEqual([{ type: 'BODY', text: 'Hello' }, { type: 'BUTTONS', buttons: [flow] }, offer])
  })
  it('leave the words of one-time codes to the provider', () => {
    expect(asComponents(good({ category: 'AUTHENTICATION' })).map((one) => one.type)).toEqual(['BODY', 'FOOTER', 'BUTTONS'])
    expect(drawDraft(good({ category: 'AUTHENTICATION' }), WORDS).body).toBe('*1* is your code. Do not share it.')
  })
})

describe('problems', () => {
  it('are none of a good one', () => { expect(problems(good())).toEqual([]) })
  it.each([
    [{ name: 'Not Good' }, 'name'],
    [{ body: '' }, 'body'],
    [{ body: 'x'.repeat(1025) }, 'body'],
    [{ body: 'Ends with {{1}}' }, 'body'],
    [{ body: 'A {{1}} and {{3}} here', bodyExamples: { 1: 'a', 3: 'c' } }, 'body'],
    [{ body: 'A {{1}} and {{name}} here', bodyExamples: { 1: 'a', name: 'c' } }, 'body'],
    [{ bodyExamples: {} }, 'body.1'],
    [{ footer: 'By {{1}}' }, 'footer'],
    [{ header: { format: 'IMAGE' as const, text: '', handle: '' } }, 'header'],
    [{ header: { format: 'TEXT' as const, text: '{{1}} {{2}}', handle: '' }, headerExamples: { 1: 'a', 2: 'b' } }, 'header'],
    [{ buttons: [emptyButton('QUICK_REPLY')] }, 'buttons.0'],
    [{ buttons: [{ ...emptyButton('URL'), text: 'Go', url: 'shop.example' }] }, 'buttons.0'],
    [{ buttons: ['QUICK_REPLY', 'PHONE_NUMBER', 'QUICK_REPLY'].map((type) => ({ ...emptyButton(type), text: 'A', phone: '+62811111111' })) }, 'buttons'],
    [{ cards: [emptyCard()] }, 'cards'],
    [{ category: 'AUTHENTICATION', code: { security: true, minutes: '91', button: '' } }, 'minutes'],
  ])('%o is said at %s', (changes, place) => { expect(places(good(changes))).toContain(place) })
})

describe('the drawing', () => {
  it('has the examples, and what has none as it is written', () => {
    expect(drawDraft(good({ body: 'Hi {{1}}, {{2}}!' }), WORDS).body).toBe('Hi Budi, {{2}}!')
    expect(drawDraft(good({ header: { format: 'IMAGE', text: '', handle: 'media:3' } }), WORDS).media).toEqual({ type: 'image', url: 'media:3' })
  })
})
