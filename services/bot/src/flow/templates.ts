/** `{{name}}` in a text. One pass: what a value holds is never looked at again, so a customer's `{{env.X}}` stays as it was written. */
export const PLACEHOLDER = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}\}/g

export const placeholders = (template: string): string[] =>
  [...template.matchAll(PLACEHOLDER)].map((match) => match[1]!)

export const fillIn = (template: string, value: (name: string) => string): string =>
  template.replace(PLACEHOLDER, (_, name: string) => value(name))

/** The queue of `{{opening.branches}}`, which says whether it is open now. */
export const queueIn = (name: string): string | undefined =>
  name.startsWith('opening.') ? name.slice('opening.'.length) : undefined

/** The name when the template is nothing but one placeholder: then the value keeps its type. */
export function onlyPlaceholder(template: string): string | undefined {
  const name = /^\{\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}\}$/.exec(template)?.[1]
  return name
}

/** Names in single braces, as other files write them. */
export const singleBraces = (template: string): string[] =>
  [...template.matchAll(/(?<!\{)\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}(?!\})/g)].map((match) => match[1]!)

/** What looks like a placeholder and is none. */
export const brokenPlaceholder = (template: string): boolean =>
  /\{\{|\}\}/.test(template.replace(PLACEHOLDER, ''))
