/** Recipes in the page's language; one that the catalogue does not know stands in the server's words. */
import type { AutomationRecipe } from '@/api/views'
import { text, type TextKey } from '@/i18n'

const KNOWN = ['welcome', 'away', 'menu', 'ai_answers', 'order_status', 'abandoned_cart', 'appointment', 'review', 'win_back'] as const
const ICONS: Record<(typeof KNOWN)[number], string> = {
  welcome: 'i-lucide-hand', away: 'i-lucide-moon', menu: 'i-lucide-list', ai_answers: 'i-lucide-sparkles', order_status: 'i-lucide-package-search', abandoned_cart: 'i-lucide-shopping-cart',
  appointment: 'i-lucide-calendar-clock', review: 'i-lucide-star', win_back: 'i-lucide-heart-handshake',
}

const known = (key: string) => KNOWN.find((one) => one === key)

export function recipeWords(recipe: Pick<AutomationRecipe, 'key' | 'title' | 'about'>): { title: string; about: string } {
  const key = known(recipe.key)
  return key === undefined ? { title: recipe.title, about: recipe.about } : { title: text(`automations.recipes.${key}.title` as TextKey), about: text(`automations.recipes.${key}.about` as TextKey) }
}

export function recipeIcon({ key, kind }: Pick<AutomationRecipe, 'key' | 'kind'>): string {
  const one = known(key)
  return one === undefined ? (kind === 'rule' ? 'i-lucide-zap' : 'i-lucide-list-ordered') : ICONS[one]
}
