/** What a browser says of itself, for people. */
const BROWSERS: [RegExp, string][] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/(?:Chrome|CriOS)\//, 'Chrome'], [/Safari\//, 'Safari']]
const SYSTEMS: [RegExp, string][] = [[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']]

/** Browser and system of a `User-Agent` header; a program by its first word; empty when nothing was said. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return ''
  const browser = BROWSERS.find(([sign]) => sign.test(userAgent))?.[1]
  if (browser === undefined) return userAgent.split(/[\s/]/)[0] ?? ''
  const system = SYSTEMS.find(([sign]) => sign.test(userAgent))?.[1]
  return system === undefined ? browser : `${browser} · ${system}`
}
