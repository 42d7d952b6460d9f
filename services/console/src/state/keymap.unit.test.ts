import { describe, expect, test } from 'vitest'
import { en } from '../texts/en.ts'
import { ACTION_NAMES, KEYMAP, type Press, actionOf } from './keymap.ts'

const press = (key: string, over: Partial<Press> = {}): Press => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...over,
})

describe('the keymap', () => {
  test('gives no key to two actions, and a name to each', () => {
    const keys = ACTION_NAMES.flatMap((name) => KEYMAP[name].keys)
    expect(new Set(keys).size).toBe(keys.length)
    expect(ACTION_NAMES.filter((name) => !en.actions[name])).toEqual([])
  })

  test('means nothing while somebody writes, but for the palette', () => {
    for (const name of ACTION_NAMES.filter((name) => name !== 'palette'))
      for (const key of KEYMAP[name].keys) expect(actionOf(press(key), true)).toBeUndefined()
    expect(actionOf(press('k', { metaKey: true }), true)).toBe('palette')
    expect(actionOf(press('k', { ctrlKey: true }), true)).toBe('palette')
    expect(actionOf(press('k', { isComposing: true }), false)).toBeUndefined()
  })

  test('goes by the place of the key where the letter is of another script', () => {
    expect(actionOf(press('জ', { code: 'KeyJ' }), false)).toBe('next')
    expect(actionOf(press('১', { code: 'Digit1' }), false)).toBe('mine')
    expect(actionOf(press('।', { code: 'Slash', shiftKey: true }), false)).toBe('help')
    expect(actionOf(press('ক', { code: 'KeyK', ctrlKey: true }), true)).toBe('palette')
    expect(actionOf(press('জ', { code: 'KeyJ' }), true)).toBeUndefined()
    // A Latin layout of another order is taken at its word.
    expect(actionOf(press('a', { code: 'KeyQ' }), false)).toBe('accept')
  })

  test('leaves the browser its own: nothing but the palette goes with Ctrl or ⌘', () => {
    for (const key of 'abcdefghijlmnopqrstuvwxyz,?/1234') {
      expect(actionOf(press(key, { ctrlKey: true }), false)).toBeUndefined()
      expect(actionOf(press(key, { altKey: true }), false)).toBeUndefined()
    }
  })
})
