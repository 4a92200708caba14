/** The keyboard: keys of the shell, and a register of those that the page on the screen adds. */
import { defineShortcuts } from '@nuxt/ui/composables'
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import type { TextKey } from '@/i18n'
import { PAGES } from './pages'

export const commandsOpen = ref(false)
export const keyboardOpen = ref(false)

export interface KeyHelp {
  keys: string[]
  label: TextKey
}

/** What the list of keys shows. */
export const KEYS: KeyHelp[] = [
  { keys: ['Ctrl', 'K'], label: 'shell.keyboard.commands' },
  { keys: ['g', 'v'], label: 'shell.keyboard.goOverview' },
  { keys: ['g', 'i'], label: 'shell.keyboard.goInbox' },
  { keys: ['g', 'c'], label: 'shell.keyboard.goCampaigns' },
  { keys: ['g', 'p'], label: 'shell.keyboard.goContacts' },
  { keys: ['g', 't'], label: 'shell.keyboard.goTemplates' },
  { keys: ['g', 'm'], label: 'shell.keyboard.goMessages' },
  { keys: ['g', 'h'], label: 'shell.keyboard.goChannels' },
  { keys: ['g', 'r'], label: 'shell.keyboard.goReports' },
  { keys: ['g', 'o'], label: 'shell.keyboard.goPhone' },
  { keys: ['/'], label: 'shell.keyboard.search' },
  { keys: ['j'], label: 'shell.keyboard.next' },
  { keys: ['k'], label: 'shell.keyboard.previous' },
  { keys: ['d'], label: 'shell.keyboard.done' },
  { keys: ['e'], label: 'shell.keyboard.archive' },
  { keys: ['x'], label: 'shell.keyboard.choose' },
  { keys: ['a'], label: 'shell.keyboard.assign' },
  { keys: ['r'], label: 'shell.keyboard.reply' },
  { keys: ['n'], label: 'shell.keyboard.note' },
  { keys: ['Esc'], label: 'shell.keyboard.leave' },
  { keys: ['?'], label: 'shell.keyboard.help' },
]

export function useShellKeys(): void {
  const router = useRouter()
  const goes = Object.fromEntries(
    PAGES.filter((page) => page.key !== undefined).map((page) => [`g-${page.key ?? ''}`, () => { void router.push(page.to) }]),
  )
  defineShortcuts({
    ...goes,
    meta_k: { usingInput: true, handler: () => { commandsOpen.value = !commandsOpen.value } },
    '?': () => { keyboardOpen.value = true },
  })
}
