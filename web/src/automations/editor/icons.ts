/** An icon for each step and trigger. */
const ICONS: Record<string, string> = {
  send: 'i-lucide-message-square', ask: 'i-lucide-message-circle-question', hand_over: 'i-lucide-user-round', wait: 'i-lucide-hourglass', branch: 'i-lucide-split', end: 'i-lucide-flag',
  tag: 'i-lucide-tag', list: 'i-lucide-list', attribute: 'i-lucide-pencil-line', assign: 'i-lucide-user-check', chat: 'i-lucide-inbox', notify: 'i-lucide-bell-ring', note: 'i-lucide-sticky-note', ticket: 'i-lucide-ticket',
  ai: 'i-lucide-sparkles', webhook: 'i-lucide-webhook', start: 'i-lucide-play', stop: 'i-lucide-square', message: 'i-lucide-message-square', no_answer: 'i-lucide-bell-off', target: 'i-lucide-target', link_clicked: 'i-lucide-mouse-pointer-click', call_missed: 'i-lucide-phone-missed', schedule: 'i-lucide-calendar-clock', contact_created: 'i-lucide-user-plus',
  consent: 'i-lucide-badge-check', campaign: 'i-lucide-megaphone', manual: 'i-lucide-hand',
}
export const iconOf = (type: string) => ICONS[type] ?? 'i-lucide-puzzle'
