import { describe, expect, it } from 'vitest'
import { deviceOf } from './model'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

describe('a session’s device', () => {
  it('is browser and system', () => {
    expect(deviceOf(CHROME)).toBe('Chrome · Linux')
    expect(deviceOf(`${CHROME} Edg/140.0`)).toBe('Edge · Linux')
    expect(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Mobile/15E Safari/604.1')).toBe('Safari · iPhone')
    expect(deviceOf('Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/140.0 Mobile Safari/537')).toBe('Chrome · Android')
  })
  it('is the program where it is none, and nothing where nothing was said', () => {
    expect(deviceOf('python-httpx/0.28')).toBe('python-httpx')
    expect(deviceOf(null)).toBe('')
  })
})
