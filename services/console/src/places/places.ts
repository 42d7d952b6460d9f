/** Where a person may go, in the order in which it is offered. Names are those of the keymap's actions. */
const PLACES = [
  { name: 'mine', path: '/desk', permission: 'conversations.answer' },
  { name: 'wallboard', path: '/wallboard', permission: 'metrics.read' },
  { name: 'live', path: '/wallboard/live', permission: 'metrics.read' },
  { name: 'figures', path: '/figures', permission: 'conversations.read' },
  { name: 'search', path: '/search', permission: 'conversations.read' },
  { name: 'judging', path: '/judging', permission: 'conversations.read' },
] as const

export type Place = (typeof PLACES)[number]

export const placesOf = (permissions: readonly string[]): readonly Place[] =>
  PLACES.filter(({ permission }) => permissions.includes(permission))
