import { expect, test } from 'vitest'
import { type Toast, withToast } from './toasts.ts'

test('however much is told in passing, what went wrong and who calls stands until somebody has seen it', () => {
  const all = (['trouble', 'call', 'told', 'told', 'told', 'told', 'trouble', 'told'] as const).map(
    (kind, index): Toast => ({ id: String(index), text: `${kind} ${index}`, kind }),
  )
  const shown = all.reduce(withToast, [] as readonly Toast[])
  expect(shown.map(({ id }) => id)).toEqual(['0', '1', '4', '5', '6', '7'])
})

test('what may be taken back makes room last', () => {
  const told = (id: string, action?: Toast['action']): Toast => ({
    id,
    text: id,
    kind: 'told',
    ...(action && { action }),
  })
  const undo = { label: 'undo', run: () => {} }
  const all = [told('closing', undo), told('1'), told('2'), told('3'), told('4')]
  expect(all.reduce(withToast, [] as readonly Toast[]).map(({ id }) => id)).toEqual(['closing', '3', '4'])
  const asking = ['1', '2', '3', '4'].map((id) => told(id, undo))
  expect(asking.reduce(withToast, [] as readonly Toast[]).map(({ id }) => id)).toEqual(['2', '3', '4'])
})

test('what is said again stands once; what may be tried again stands for each that failed', () => {
  const trouble = (id: string, action?: Toast['action']): Toast => ({
    id,
    text: 'refused',
    kind: 'trouble',
    ...(action && { action }),
  })
  const retry = { label: 'retry', run: () => {} }
  const all = [trouble('1'), trouble('2', retry), trouble('3', retry), trouble('4')]
  const shown = all.reduce(withToast, [] as readonly Toast[])
  expect(shown.map(({ id }) => id)).toEqual(['2', '3', '4'])
})
