import { type ActionName, actionOf } from '../state/keymap.ts'

export const isInField = (element: EventTarget | null): boolean =>
  element instanceof HTMLElement && (element.matches('input, textarea, select') || element.isContentEditable)

/** Which action a key that was pressed means, where it was pressed. */
export function actionPressed(event: KeyboardEvent): ActionName | undefined {
  const { key, code, shiftKey, ctrlKey, metaKey, altKey, isComposing, target } = event
  return actionOf({
    key,
    code,
    shiftKey,
    ctrlKey,
    metaKey,
    altKey,
    isComposing,
    isInField: isInField(target),
  })
}
