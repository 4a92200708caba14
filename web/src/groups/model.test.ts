import { expect, it } from 'vitest'
import { numbersIn } from './model'

it('numbers are read from lines and lists, each once', () => {
  expect(numbersIn('+62 811-111-111, 62811111112;\n62811111112\n\nnobody')).toEqual(['62811111111', '62811111112'])
})
