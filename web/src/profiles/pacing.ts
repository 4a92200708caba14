/** Pacing between what is stored and what stands in a form. */
import type { Pacing } from '@/api/views'

/** Fields that are a number each. */
export const NUMBERS = ['rate', 'burst', 'dailyCap', 'perRecipientS', 'uniquePer24h', 'warmUpStart', 'warmUpGrowth'] as const
export type PacingField = (typeof NUMBERS)[number] | 'least' | 'most' | 'quietStart' | 'quietEnd' | 'quietZone'
export type PacingForm = Record<PacingField, string>

/** What a form shows of a channel's pacing; `zone` stands where no quiet hours are set yet. */
export function toForm(pacing: Pacing | null, zone: string): PacingForm {
  const shown = (value: unknown) => (typeof value === 'number' ? String(value) : '')
  return {
    ...(Object.fromEntries(NUMBERS.map((name) => [name, shown(pacing?.[name])])) as Record<(typeof NUMBERS)[number], string>),
    least: shown(pacing?.delayMs?.[0]),
    most: shown(pacing?.delayMs?.[1]),
    quietStart: pacing?.quietHours?.start ?? '',
    quietEnd: pacing?.quietHours?.end ?? '',
    quietZone: pacing?.quietHours?.timezone ?? zone,
  }
}

/** What is stored of a form: empty fields are left out, what the form does not show stays. */
export function fromForm(form: PacingForm, before: Pacing | null): Pacing {
  const pacing: Pacing = { ...before }
  // An input for numbers gives a number for what was typed.
  const given = (name: PacingField) => String(form[name]).trim()
  for (const name of NUMBERS) {
    if (given(name) === '') Reflect.deleteProperty(pacing, name)
    else pacing[name] = Number(given(name))
  }
  const [least, most] = [given('least'), given('most')]
  if (least === '' && most === '') delete pacing.delayMs
  else pacing.delayMs = [Number(least || most), Number(most || least)]
  if (form.quietStart === '' || form.quietEnd === '') delete pacing.quietHours
  else pacing.quietHours = { start: form.quietStart, end: form.quietEnd, timezone: form.quietZone.trim() || 'UTC' }
  return pacing
}
