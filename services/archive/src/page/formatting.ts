import { unreachable } from '@parley/kernel'
import { type Markup, markup } from '@parley/service/markup'
import { followableAsWritten } from './address.ts'

/** WhatsApp takes no longer text; what is longer is shown as it is, for the patterns below look ahead to the end of a line. */
const FORMATTED_CHARACTERS_MAX = 4_096

/**
 * A text as WhatsApp shows it: *bold*, _italic_, ~strike~, `code`, ```blocks```, lists, quotes and web addresses; marks inside words are
 * text. What the marks are: https://faq.whatsapp.com/539178204879377
 */
export function formatted(written: string): Markup | undefined {
  const text = written.replaceAll(/\r\n?/g, '\n')
  if (text === '') return undefined
  if (text.length > FORMATTED_CHARACTERS_MAX) return paragraph([text])
  const pieces = text.split(/```([\s\S]+?)```/)
  const shown = pieces.map((piece, index) => {
    if (index % 2 === 1) return markup`<pre class="code" dir="auto">${withoutEdgeBreaks(piece)}</pre>`
    const isAlone = pieces.length === 1
    const between = isAlone ? piece : withoutEdgeBreaks(piece)
    return between === '' && !isAlone ? undefined : blocks(between)
  })
  return markup`${shown}`
}

type Kind = 'plain' | 'quote' | 'bullet' | 'number'

const LINE_MARKS = {
  quote: /^> ?(?=\S)(.*)$/,
  bullet: /^[*-] (?=\S)(.*)$/,
  number: /^\d{1,3}\. (?=\S)(.*)$/,
} as const
const MARKED = ['quote', 'bullet', 'number'] as const

interface Block {
  readonly kind: Kind
  readonly lines: string[]
}

function blocks(text: string): readonly (Markup | undefined)[] {
  const found: Block[] = []
  for (const line of text.split('\n')) {
    const kind = MARKED.find((each) => LINE_MARKS[each].test(line)) ?? 'plain'
    const last = found.at(-1)
    if (last?.kind === kind) last.lines.push(line)
    else found.push({ kind, lines: [line] })
  }
  return found.map(({ kind, lines }) => {
    if (kind !== 'plain') return marked(kind, lines)
    const plain = found.length === 1 ? text : withoutEdgeBreaks(lines.join('\n'))
    return plain === '' ? undefined : paragraph(inline(plain))
  })
}

function marked(kind: Exclude<Kind, 'plain'>, lines: readonly string[]): Markup {
  const contents = lines.map((line) => inline(LINE_MARKS[kind].exec(line)?.[1] ?? line))
  switch (kind) {
    case 'quote':
      return markup`<blockquote>${contents.map(paragraph)}</blockquote>`
    case 'bullet':
      return markup`<ul class="list">${contents.map((content) => markup`<li dir="auto">${content}</li>`)}</ul>`
    case 'number':
      return markup`<ol class="list">${contents.map(
        (content, index) => markup`<li dir="auto" value="${parseInt(lines[index]!, 10)}">${content}</li>`,
      )}</ol>`
    default:
      return unreachable(kind)
  }
}

function paragraph(content: readonly (Markup | string)[]): Markup {
  return markup`<p class="said" dir="auto">${content}</p>`
}

const INLINE =
  /`([^`\n]+)`|(?<![\p{L}\p{M}\p{N}])([*_~])(?!\2)(?=\S)|(https?:\/\/[^\s<>"'`\u0964]*[^\s<>"'`.,;:!?)\]*_~\u0964])/giu
const MARK_ENDS = /(?<=\S)[*_~](?![\p{L}\p{N}])|\n/gu

function inline(text: string, marks: readonly string[] = []): readonly (Markup | string)[] {
  const shown: (Markup | string)[] = []
  const endOf = markEnds(text)
  const pieces = new RegExp(INLINE)
  let from = 0
  for (let match = pieces.exec(text); match !== null; match = pieces.exec(text)) {
    const { index } = match
    const [whole, code, mark, address] = match
    const end = mark === undefined ? index + whole.length - 1 : endOf(mark, index)
    if (end === undefined) continue
    const piece =
      code !== undefined
        ? markup`<code>${code}</code>`
        : address !== undefined
          ? link(address)
          : mark !== undefined && !marks.includes(mark)
            ? emphasis(mark, inline(text.slice(index + 1, end), [...marks, mark]))
            : text.slice(index, end + 1)
    shown.push(text.slice(from, index), piece)
    from = end + 1
    pieces.lastIndex = from
  }
  return [...shown, text.slice(from)]
}

/**
 * Where what a mark begins ends, in the same line; undefined: nowhere. Asked from the start of the text on, it goes through the text once: to look
 * for the end anew at each mark takes time by the square of the length, and a page has thousands of texts.
 */
function markEnds(text: string): (mark: string, from: number) => number | undefined {
  const ends = new Map<string, number[]>(['*', '_', '~', '\n'].map((mark) => [mark, []]))
  for (const { index, 0: mark } of text.matchAll(MARK_ENDS)) ends.get(mark)!.push(index)
  for (const places of ends.values()) places.reverse()
  const next = (mark: string, from: number) => {
    const places = ends.get(mark)!
    while (places.length > 0 && places.at(-1)! < from) places.pop()
    return places.at(-1)
  }
  return (mark, from) => {
    const end = next(mark, from + 2)
    return end !== undefined && end < (next('\n', from) ?? Infinity) ? end : undefined
  }
}

function emphasis(mark: string, content: readonly (Markup | string)[]): Markup {
  if (mark === '*') return markup`<strong>${content}</strong>`
  return mark === '_' ? markup`<em>${content}</em>` : markup`<s>${content}</s>`
}

function link(address: string): Markup | string {
  const href = followableAsWritten(address)
  return href === undefined
    ? address
    : markup`<a href="${href}" rel="noopener noreferrer nofollow" target="_blank">${address}</a>`
}

const withoutEdgeBreaks = (text: string): string => text.replaceAll(/^\n+|\n+$/g, '')
