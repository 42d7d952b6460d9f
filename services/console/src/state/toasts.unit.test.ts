import { expect, test } from 'vitest'
import { type Toast, withToast } from './toasts.ts'

test('however much is told in passing, what went wrong and who calls stands until somebody has seen it', () => {
  const all = (['trouble', 'call', 'told', 'told', 'told', 'told', 'trouble', 'told'] as const).map(
    (kind, index): Toast => ({ id: String(index), text: kind, kind }),
  )
  const shown = all.reduce(withToast, [] as readonly Toast[])
  expect(shown.map(({ id }) => id)).toEqual(['0', '1', '4', '5', '6', '7'])
})
