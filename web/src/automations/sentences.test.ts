import { afterEach, describe, expect, it } from 'vitest'
import type { AutomationPart, AutomationStep } from '@/api/views'
import { unmarked } from '@/format/direction'
import { useLanguage } from '@/i18n'
import { conditionsWords, conditionWords, NO_NAMES, sentence, span, stepWords, triggerWords, wholeWords } from './sentences'

const step = (fields: AutomationPart): AutomationStep => ({ id: 's1', ...fields })
const price = { type: 'message', match: 'contains', words: ['price', 'cost'] }

afterEach(async () => { await useLanguage('en') })

describe('a rule in one sentence', () => {
  it('says what starts it and what it does', () => {
    expect(wholeWords({ trigger: price, steps: [step({ type: 'send', text: 'From 5 euros.' })] })).toBe('When a message contains “price” or “cost”, send “From 5 euros.”.')
  })
  it('names two steps and counts the rest', () => {
    const steps = [step({ type: 'tag', add: ['new'] }), step({ type: 'wait', seconds: 7200 }), step({ type: 'send', text: 'Hi' }), step({ type: 'end' })]
    expect(wholeWords({ trigger: { type: 'contact_created' }, steps })).toBe('When a contact is new, give the tag “new”, wait 2 hours, and 2 more steps.')
  })
  it('is said in other languages', async () => {
    const one = { trigger: price, steps: [step({ type: 'send', text: 'Oi' })] }
    await useLanguage('pt-BR')
    expect(wholeWords(one)).toBe('Quando uma mensagem contém “price” ou “cost”, enviar “Oi”.')
    await useLanguage('he')
    expect(unmarked(wholeWords(one))).toBe('כאשר הודעה מכילה "price" או "cost": לשלוח "Oi".')
  })
})

describe('a trigger', () => {
  it.each([
    [{ type: 'message', match: 'any' }, 'somebody writes'],
    [{ type: 'message', match: 'any', first: 'ever' }, 'somebody writes for the first time ever'],
    [{ type: 'message', match: 'any', fromAd: true }, 'somebody writes and came by an advertisement'],
    [{ type: 'message', match: 'exact', words: ['stop'], first: 'days', days: 7 }, 'a message is “stop” for the first time in 7 days'],
    [{ type: 'message', match: 'any', kinds: ['image', 'order'] }, 'somebody sends “Photo” or “Order”'],
    [{ type: 'tag', tag: 'vip', given: false }, 'somebody loses the tag “vip”'],
    [{ type: 'no_answer', by: 'us', minutes: 90 }, 'we have not answered for 90 minutes'],
    [{ type: 'no_answer', by: 'them', minutes: 1440 }, 'a person has not answered for 1 day'],
    [{ type: 'attribute', attribute: 'city', value: 'Rome' }, 'the attribute “city” becomes “Rome”'],
    [{ type: 'chat', what: 'assigned', memberIds: ['7'] }, 'a chat is assigned to “#7”'],
    [{ type: 'campaign', what: 'replied' }, 'somebody answers a campaign'],
    [{ type: 'link_clicked' }, 'a link of a campaign is followed'],
    [{ type: 'link_clicked', contains: 'shoes' }, 'a link with “shoes” of a campaign is followed'],
    [{ type: 'call_missed' }, 'a call is missed'],
    [{ type: 'target', what: 'missed' }, 'a target is missed'],
    [{ type: 'target', what: 'due_soon', target: 'next_reply' }, 'the target for the next reply is due soon'],
    [{ type: 'target', what: 'missed', target: 'first_reply', departmentId: 3 }, 'the target for the first reply is missed in a chat of the team “#3”'],
    [{ type: 'schedule', times: ['09:00'], days: ['mon', 'fri'], list: 'Guests' }, 'it is 09:00 on Monday or Friday, for everybody in the list “Guests”'],
    [{ type: 'schedule', times: ['09:00', '17:00'], tag: 'vip' }, 'it is 09:00 or 17:00, for everybody with the tag “vip”'],
    [{ type: 'full_moon' }, 'what “full_moon” says'],
  ])('%j', (trigger, said) => {
    expect(triggerWords(trigger as AutomationPart)).toBe(said)
  })
})

describe('silence', () => {
  it('may count in working hours', () => {
    expect(triggerWords({ type: 'no_answer', by: 'us', minutes: 30, whileOpen: true })).toBe('we have not answered for 30 minutes of working hours')
  })
})

describe('a condition', () => {
  it.each([
    [{ type: 'tag', tag: 'vip' }, 'the contact has the tag “vip”'],
    [{ type: 'tag', tag: 'vip', negate: true }, 'the contact does not have the tag “vip”'],
    [{ type: 'variable', variable: 'answer', op: 'is', values: ['Yes', 'Sure'] }, 'the answer is “Yes” or “Sure”'],
    [{ type: 'attribute', attribute: 'age', op: 'less', values: ['18'], negate: true }, '“age” is not less than “18”'],
    [{ type: 'hours', hours: { start: '09:00', end: '18:00', days: ['sat', 'mon'], zone: 'UTC' } }, 'it is between 09:00 and 18:00 on Monday and Saturday'],
    [{ type: 'working_hours' }, 'it is within working hours'],
    [{ type: 'working_hours', negate: true, departmentId: '3' }, 'it is outside the working hours of “#3”'],
    [{ type: 'channel', channelIds: ['7'] }, 'it is about the channel “Shop”'],
    [{ type: 'channel', channelIds: ['8'] }, 'it is about the channel “#8”'],
  ])('%j', (condition, said) => {
    expect(unmarked(conditionWords(condition as AutomationPart, { ...NO_NAMES, channel: (id) => (id === '7' ? 'Shop' : null) }))).toBe(said)
  })
  it('stands with others', () => {
    expect(conditionsWords([{ type: 'chat', status: 'open' }, { type: 'consent', consent: 'refused' }])).toBe('the chat is open and the person refused marketing')
  })
})

describe('a step', () => {
  it.each([
    [{ type: 'send', text: 'Which?', buttons: [{ title: 'A' }, { title: 'B' }] }, 'send “Which?” with the buttons “A” and “B”'],
    [{ type: 'send', text: '', template: { name: 'hello' } }, 'send the template “hello”'],
    [{ type: 'send', text: 'x'.repeat(80) }, `send “${'x'.repeat(60)}…”`],
    [{ type: 'ask', text: 'Your e-mail?', attribute: 'email' }, 'ask “Your e-mail?” and keep the answer as “email”'],
    [{ type: 'wait', seconds: 90, reply: true }, 'wait up to 90 seconds for a reply'],
    [{ type: 'wait', seconds: 86_400, event: 'tag', name: 'paid' }, 'wait up to 1 day until the tag “paid” is given'],
    [{ type: 'wait', seconds: 60, event: 'attribute', name: 'plan', value: 'gold' }, 'wait up to 1 minute until the attribute “plan” becomes “gold”'],
    [{ type: 'notify', text: 'Call back', memberIds: [] }, 'tell the team: “Call back”'],
    [{ type: 'notify', text: 'Call back', memberIds: ['4'] }, 'tell “#4”: “Call back”'],
    [{ type: 'wait', seconds: null, untilOpen: true }, 'wait until working hours'],
    [{ type: 'wait', seconds: 7200, untilOpen: true, departmentId: 3 }, 'wait 2 hours and wait until the working hours of “#3”'],
    [{ type: 'tag', add: ['a'], remove: ['b', 'c'] }, 'give the tag “a” and take the tag “b” and “c” away'],
    [{ type: 'webhook', url: 'https://shop.example/orders?id=1' }, 'call “shop.example”'],
    [{ type: 'ai', mode: 'answer' }, 'let the AI answer'],
    [{ type: 'ai', mode: 'suggest' }, 'let the AI suggest an answer to the team'],
    [{ type: 'assign', memberIds: [] }, 'assign the chat to nobody'],
    [{ type: 'assign', memberIds: [], departmentId: '3', how: 'nobody' }, 'give the chat to the team “#3”'],
    [{ type: 'assign', memberIds: [], departmentId: '3' }, 'give the chat to the members of “#3” in turn'],
    [{ type: 'assign', memberIds: [], departmentId: '3', how: 'least_busy' }, 'give the chat to whoever of “#3” has the fewest open chats'],
    [{ type: 'assign', memberIds: ['7'], departmentId: '3' }, 'give the chat to the team “#3”, to “#7”'],
    [{ type: 'hand_over', seconds: 3600, departmentId: '3' }, 'hand over to the team “#3”, and stay silent for 1 hour'],
    [{ type: 'hand_over', seconds: 86_400 }, 'hand over to a person, and stay silent for 1 day'],
    [{ type: 'chat', status: 'snoozed', seconds: 3600 }, 'snooze the chat for 1 hour'],
    [{ type: 'stop', automationId: null }, 'stop every other automation'],
  ])('%j', (fields, said) => {
    expect(stepWords(step(fields as AutomationPart))).toBe(said)
  })
  it('begins with a large letter where it stands alone', () => {
    expect(['send it', '“a” is', 'לשלוח', 'être'].map(sentence)).toEqual(['Send it', '“a” is', 'לשלוח', 'Être'])
  })
  it('counts time in the largest unit that divides it', () => {
    expect([59, 60, 5400, 7200, 172_800].map(span)).toEqual(['59 seconds', '1 minute', '90 minutes', '2 hours', '2 days'])
  })
})
