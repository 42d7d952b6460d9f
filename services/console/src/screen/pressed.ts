import { type ActionName, actionOf } from '../state/keymap.ts'

export const isInField = (element: EventTarget | null): boolean =>
  element instanceof HTMLElement && (element.matches('input, textarea, select') || element.isContentEditable)

/** Which action a key that was pressed means, where it was pressed. */
export const actionPressed = (event: KeyboardEvent): ActionName | undefined =>
  actionOf(event, isInField(event.target))
