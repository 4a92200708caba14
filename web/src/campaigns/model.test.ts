import { describe, expect, it } from 'vitest'
import type { CampaignStats, Contact, Segment, TemplateParameter } from '@/api/views'
import { funnel, leftOut, pace, personalise, placeholders, progress } from './model'
import { audienceOf, drawnContent, emptyDraft, lacking, narrowed, wireContent } from './wizard/draft'
import { audienceWords } from './words'

const stats = (fields: Partial<CampaignStats>): CampaignStats => ({
  id: '1', status: 'running', total: 200, counts: {}, pending: 50, sent: 140, delivered: 120, read: 60, failed: 8, cancelled: 0, skipped: 2, uncertain: 0, replied: 12, held: null, reasons: [], ...fields,
})
const contact = (fields: Partial<Contact>): Contact => ({
  id: '1', name: 'Asha Rao', firstName: null, lastName: null, phone: '628', email: null, country: null, source: 'api', optin: null, blocked: false,
  tags: [], lists: [], attributes: {}, identities: [], createdAt: '', lastSeenAt: null, ...fields,
})
const parameter = (key: string): TemplateParameter => ({ place: 'body', kind: 'text', key, example: null, label: key, card: null })

describe('a campaign', () => {
  it('is a funnel of all recipients', () => {
    expect(funnel(stats({})).map((one) => [one.state, one.count, one.share])).toEqual([['total', 200, 1], ['sent', 140, 0.7], ['delivered', 120, 0.6], ['read', 60, 0.3], ['replied', 12, 0.06]])
    expect(funnel(stats({ total: 0, sent: 0 }))[1]?.share).toBe(0)
  })
  it('says what did not arrive, and how far it is', () => {
    expect(leftOut(stats({}))).toEqual([{ state: 'queued', count: 50 }, { state: 'failed', count: 8 }, { state: 'skipped', count: 2 }])
    expect(progress(stats({}))).toBe(0.75)
    expect(progress(stats({ total: 0, pending: 0 }))).toBe(0)
  })
  it('has a pace when it was watched for a while', () => {
    expect(pace([{ at: 0, pending: 100 }, { at: 1000, pending: 90 }])).toBeNull()
    expect(pace([{ at: 0, pending: 100 }, { at: 5000, pending: 50 }])).toEqual({ rate: 10, seconds: 5 })
    expect(pace([{ at: 0, pending: 100 }, { at: 5000, pending: 100 }])).toBeNull()
  })
})

describe('variables', () => {
  it('are found in either spelling, without the places of a template', () => {
    expect(placeholders('Hi {First_Name}, {{city}} {{1}}', 'and {city}')).toEqual(['first_name', 'city'])
  })
  it('are filled as the server fills them', () => {
    const text = 'Hi {first_name} from {city}, {email}|{code}'
    expect(personalise(text, contact({ attributes: { City: 'Bandung' } }), { city: 'town', code: '7' })).toBe('Hi Asha from Bandung, |7')
    expect(personalise(text, contact({ name: null }), { first_name: 'friend' })).toBe('Hi friend from {city}, |{code}')
  })
})

describe('the wizard', () => {
  const segments: Segment[] = [{ id: '3', name: 's', filter: { tags: ['vip'], blocked: false }, contacts: 1, createdAt: '' }]
  it('makes a filter of who was chosen', () => {
    expect(audienceOf({ ...emptyDraft(), notTags: ['x'] }, [])).toEqual({ all: true, not_tags: ['x'] })
    expect(audienceOf({ ...emptyDraft(), who: 'lists' }, [])).toBeNull()
    expect(audienceOf({ ...emptyDraft(), who: 'tags', tags: ['a'] }, [])).toEqual({ any_tags: ['a'] })
    expect(audienceOf({ ...emptyDraft(), who: 'segment', segmentId: '3' }, segments)).toEqual({ tags: ['vip'], blocked: false })
    expect(audienceOf({ ...emptyDraft(), who: 'segment', segmentId: '4' }, segments)).toBeNull()
  })
  it('narrows an audience, unless it says the opposite', () => {
    expect(narrowed({ all: true }, { blocked: true })).toEqual({ all: true, blocked: true })
    expect(narrowed({ blocked: false }, { blocked: true })).toBeNull()
  })
  it('says what each step lacks', () => {
    const draft = emptyDraft()
    expect(lacking('audience', draft, null, [], null, 0)).toEqual(['name', 'channel', 'audience'])
    expect(lacking('content', draft, {}, [], null, 0)).toEqual(['text'])
    expect(lacking('content', { ...draft, kind: 'template', templateId: '1' }, {}, [parameter('1')], null, 0)).toEqual(['values'])
    expect(lacking('content', { ...draft, kind: 'template', templateId: '1', values: { 'body:text:1': 'x' } }, {}, [parameter('1')], null, 0)).toEqual([])
    expect(lacking('schedule', { ...draft, when: 'later' }, {}, [], '1970-01-01T00:00:01Z', 2000)).toEqual(['time'])
    expect(lacking('schedule', draft, {}, [], null, 0)).toEqual([])
  })
  it('writes and draws the content', () => {
    const draft = { ...emptyDraft(), kind: 'template' as const, templateId: '1', values: { 'body:text:1': 'Hi {name}' } }
    expect(wireContent(draft, { id: '1', profileId: '1', name: 'sale', language: 'en', category: '', status: '', components: [] }, [parameter('1')])).toEqual({ name: 'sale', language: 'en', body: ['Hi {name}'] })
    expect(drawnContent(draft, [parameter('1'), parameter('2')], (words) => words.replace('{name}', 'Asha'))).toEqual({ type: 'template', header: { text: [] }, body: [{ name: '1', text: 'Hi Asha' }, { name: '2', text: '{{2}}' }] })
  })
  it('says an audience in words', () => {
    expect(audienceWords({ all: true })).toBe('Everybody')
    expect(audienceWords({ lists: ['A', 'B'], not_tags: ['c'] })).toBe('Lists: A, B · Without the tags: c')
    expect(audienceWords({ source: 'api' })).toBe('A segment or another filter')
  })
})
