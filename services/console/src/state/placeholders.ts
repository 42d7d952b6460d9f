const NAMED = /\{([a-z_]+)\}/g
const NUMBERED = /\{\{\s*(\d+)\s*\}\}/g

/** Fills what is known; what is not stays to be seen. */
export const filled = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replaceAll(NAMED, (written, name: string) => values.get(name) ?? written)

/** What a text still asks for. With any of them it may not be sent. */
export const unfilled = (text: string): readonly string[] =>
  [...text.matchAll(NAMED)].map(([, name = '']) => name)

export const parameterCount = (template: string): number =>
  new Set([...template.matchAll(NUMBERED)].map(([, number]) => number)).size

/** WhatsApp takes no other: what was copied from a page has its lines and tabs. */
export const inOneLine = (parameter: string): string => parameter.trim().replaceAll(/\s+/g, ' ')

/** A template as the customer will read it; an empty parameter shows its number. */
export const previewOf = (template: string, parameters: readonly string[]): string =>
  template.replaceAll(
    NUMBERED,
    (written, number: string) => inOneLine(parameters[Number(number) - 1] ?? '') || written,
  )
