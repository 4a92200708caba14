import { describe, expect, it } from 'vitest'
import { emptyTarget, scopeOf, withScope } from './targets'

describe('whose targets they are', () => {
  it('is one of workspace, channel and department', () => {
    const target = emptyTarget()
    expect(scopeOf(target)).toBe('workspace')
    for (const scope of ['department:4', 'profile:2', 'workspace']) expect(scopeOf(withScope(withScope(target, 'profile:9'), scope))).toBe(scope)
  })
})
