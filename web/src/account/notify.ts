/** Notifications of this browser for messages that come while the person looks at something else. */
import { useStorage } from '@vueuse/core'
import { addLiveModule } from '@/api/live'
import type { LiveEvent, MessageEvent } from '@/api/views'
import { text } from '@/i18n'
import { router } from '@/router'

export const notify = useStorage('jackfield.notify', { show: false, sound: false })

/** Older than this it was missed, not just written: after a lost network nobody wants fifty notifications. */
const FRESH_MS = 60_000

/** Whether this browser can notify, and whether it may. */
export function permission(): NotificationPermission | 'missing' {
  return 'Notification' in window ? Notification.permission : 'missing'
}

/** Whether the person looks at this page. */
export const isLooking = () => document.visibilityState === 'visible' && document.hasFocus()

/** The messages of a batch that are news: the latest of each chat, just written by somebody else. */
export function newsOf(events: LiveEvent[], now: number): LiveEvent[] {
  const latest = new Map<string, LiveEvent>()
  for (const event of events) {
    const { chatId, fromMe, direction } = event.data as unknown as MessageEvent
    if (!fromMe && direction === 'in' && now - Date.parse(event.timestamp) < FRESH_MS) latest.set(`${event.profileId ?? ''} ${chatId}`, event)
  }
  return [...latest.values()]
}

function show(event: LiveEvent): void {
  const data = event.data as unknown as MessageEvent
  const name = data.senderName ?? data.chatId.split('@')[0] ?? ''
  const shown = new Notification(text('account.notify.message', { name }), { body: data.body, tag: `${event.profileId ?? ''}-${data.chatId}`, icon: '/favicon.svg' })
  shown.onclick = () => {
    window.focus()
    void router.push({ name: 'inbox', query: { q: data.chatId.split('@')[0] } })
    shown.close()
  }
}

/** Two short tones, made here: no file to load. */
export function chime(): void {
  const context = new AudioContext()
  for (const [at, pitch] of [[0, 660], [0.14, 880]] as const) {
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.15, context.currentTime + at)
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + at + 0.3)
    tone.connect(volume).connect(context.destination)
    tone.start(context.currentTime + at)
    tone.stop(context.currentTime + at + 0.3)
  }
  setTimeout(() => { void context.close() }, 1_000)
}

addLiveModule({
  events: ['message.received'],
  take: (events) => {
    if (isLooking()) return
    const news = newsOf(events, Date.now())
    if (news.length === 0) return
    if (notify.value.show && permission() === 'granted') news.forEach(show)
    if (notify.value.sound) chime()
  },
})
