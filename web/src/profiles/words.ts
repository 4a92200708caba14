/** The kinds of channels in words and icons. A kind that is not here is named by its server and has no steps. */
import { text, type TextKey } from '@/i18n'

const ICONS: Record<string, string> = {
  simulator: 'i-lucide-flask-conical',
  whatsapp_cloud: 'i-lucide-cloud',
  whatsapp_web: 'i-lucide-smartphone',
  telegram_bot: 'i-lucide-bot',
}
const STEPS: Record<string, TextKey[]> = {
  simulator: ['channels.steps.simulator.one', 'channels.steps.simulator.two'],
  whatsapp_cloud: ['channels.steps.whatsapp_cloud.one', 'channels.steps.whatsapp_cloud.two', 'channels.steps.whatsapp_cloud.three', 'channels.steps.whatsapp_cloud.four', 'channels.steps.whatsapp_cloud.five'],
  whatsapp_web: ['channels.steps.whatsapp_web.one', 'channels.steps.whatsapp_web.two'],
  telegram_bot: ['channels.steps.telegram_bot.one', 'channels.steps.telegram_bot.two', 'channels.steps.telegram_bot.three'],
}
const KNOWN = ['simulator', 'whatsapp_cloud', 'whatsapp_web', 'telegram_bot'] as const

export const engineIcon = (engine: string): string => ICONS[engine] ?? 'i-lucide-radio'
export const engineSteps = (engine: string): string[] => (STEPS[engine] ?? []).map((key) => text(key))

/** What an engine is for, in a sentence. */
export function engineWords(engine: string): string {
  const known = KNOWN.find((one) => one === engine)
  return text(`channels.kinds.${known ?? 'other'}`)
}

const QUALITY = ['green', 'yellow', 'red'] as const

/** A provider's word for the quality of a number, for people. */
export function qualityWords(quality: string): string {
  const known = QUALITY.find((one) => one === quality.toLowerCase())
  return known === undefined ? quality : text(`channels.quality.${known}`)
}
