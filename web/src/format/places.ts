/** Countries and time zones, named in the page's language. */
import { settings } from './settings'

export interface Place {
  label: string
  value: string
}

/** Regions that have a code and no phone numbers of their own. */
const NO_COUNTRY = new Set(['AQ', 'BV', 'CP', 'DG', 'EA', 'EU', 'EZ', 'GS', 'HM', 'IC', 'QO', 'TF', 'UM', 'UN', 'XA', 'XB', 'ZZ', 'PN', 'CQ'])

/** All countries by ISO 3166 code, in the order of their names. */
export function countries(): Place[] {
  const names = new Intl.DisplayNames([settings.locale], { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const found = letters.flatMap((first) => letters.map((second) => first + second)).flatMap((value): Place[] => {
    // A code that is out of use stands for another one.
    const label = NO_COUNTRY.has(value) || new Intl.Locale(`und-${value}`).region !== value ? undefined : names.of(value)
    return label === undefined ? [] : [{ label, value }]
  })
  const order = new Intl.Collator(settings.locale)
  return found.sort((a, b) => order.compare(a.label, b.label))
}

/** All time zones by their IANA names. */
export function timezones(): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
}

/** The time zone and the country that this browser is set to. */
export function here(): { timezone: string; country: string | undefined } {
  const region = navigator.languages.map((one) => new Intl.Locale(one).region).find((one) => one !== undefined)
  return { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC', country: region }
}
