/** What every part of the editor asks: what is wrong at its place, in words. */
import { inject, type InjectionKey, provide, type Ref } from 'vue'
import { text } from '@/i18n'
import type { Problem } from '../model'

const KEY: InjectionKey<(place: string) => string | undefined> = Symbol('template problems')

/** Tell the parts below; nothing is said before the first try to submit. */
export function provideProblems(problems: Ref<Problem[]>, tried: Ref<boolean>): void {
  provide(KEY, (place) => {
    const found = tried.value ? problems.value.find((one) => one.place === place) : undefined
    return found === undefined ? undefined : text(found.key, found.values)
  })
}

export function useProblems(): (place: string) => string | undefined {
  return inject(KEY, () => undefined)
}
