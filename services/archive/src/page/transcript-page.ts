import { LANGUAGES, type Language } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import type { MessageEntry, MessageStatus, SystemEntry, TranscriptEntry } from '../transcript/entry.ts'
import { type Transcript, textOf } from '../transcript/transcript.ts'
import { bn } from '../transcript/words/bn.ts'
import { en } from '../transcript/words/en.ts'
import { pt } from '../transcript/words/pt.ts'
import { type Words, describeLine } from '../transcript/words/words.ts'
import { bodyMarkup } from './body.ts'
import { type Markup, markup } from '@parley/service/markup'
import { type PageSpeech, pageSpeech } from './speech.ts'

const WORDS: Readonly<Record<Language, Words>> = { pt, en, bn }

export interface Company {
  readonly name: string
  /** IANA name. */
  readonly timeZone: string
}

/** Addresses of the page's own files; they carry a hash of the content. */
export interface Assets {
  readonly stylesheet: string
  readonly printScript: string
}

export interface PageOptions {
  readonly transcript: Transcript
  readonly company: Company
  readonly language: Language
  /** `page`, or `print`: the same on paper, with the print window open. */
  readonly view: 'page' | 'print'
  /** The address of the page itself, without query. */
  readonly path: string
  readonly assets: Assets
  /** Whether what the customer deleted is shown all the same. */
  readonly showRevoked: boolean
}

interface Context {
  readonly words: Words
  readonly speech: PageSpeech
  readonly showRevoked: boolean
  readonly byProviderId: ReadonlyMap<string, MessageEntry>
}

export function transcriptPage(options: PageOptions): string {
  const { transcript, company, language, view, path, assets } = options
  const words = WORDS[language]
  const speech = pageSpeech(words, company)
  const messages = transcript.entries.filter((entry) => entry.kind === 'message')
  const context: Context = {
    words,
    speech,
    showRevoked: options.showRevoked,
    byProviderId: new Map(messages.map((entry) => [entry.providerMessageId, entry])),
  }
  const isPrint = view === 'print'
  return markup`<!doctype html>
<html lang="${words.tag}" data-view="${view}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${isPrint ? 'light' : 'light dark'}">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${words.title} · ${company.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.stylesheet}">
${isPrint && markup`<script src="${assets.printScript}" defer></script>`}
</head>
<body>
<a class="skip" href="#conversation">${words.skipToConversation}</a>
<header class="page-header">
<div class="company"><span class="company-mark" aria-hidden="true">${initial(company.name)}</span><span class="company-name" dir="auto">${company.name}</span></div>
${languageSwitch(words, isPrint ? `${path}/print` : path)}
</header>
<main>
<section class="summary" aria-labelledby="title">
<h1 id="title">${words.title}</h1>
<p class="about">${words.about(company.name)}</p>
${facts(transcript, messages.length, context)}
<div class="actions">${actions(words, path, isPrint)}</div>
</section>
<section class="conversation" id="conversation" aria-labelledby="conversation-title" tabindex="-1">
<h2 id="conversation-title" class="visually-hidden">${words.conversation}</h2>
<ol class="entries">
${entriesMarkup(transcript.entries, context)}</ol>
</section>
</main>
<footer class="page-footer">
<section aria-labelledby="privacy"><h2 id="privacy">${words.privacy}</h2><p>${words.privacyLine(company.name, transcript.conversation.processors)}</p></section>
${integrity(transcript, context)}
</footer>
</body>
</html>
`.html
}

/** One page for every link that does not open, in all languages at once: it must not tell the cases apart, nor who asks. */
export function notFoundPage(assets: Assets): string {
  const sections = [en, pt, bn].map(
    (
      words,
    ) => markup`<section lang="${words.tag}"><h2>${words.notFoundTitle}</h2><p>${words.notFoundText}</p></section>
`,
  )
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>404</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.stylesheet}">
</head>
<body>
<main class="not-found">
<h1 class="visually-hidden">404</h1>
${sections}</main>
</body>
</html>
`.html
}

const segmenter = new Intl.Segmenter()

/** As people count them: an emoji of several code points is one. */
function characters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function initial(name: string): string {
  return characters(name.trim())[0]?.toLocaleUpperCase() ?? ''
}

function languageSwitch(words: Words, path: string): Markup {
  const items = LANGUAGES.map((language) => {
    const { tag, ownName } = WORDS[language]
    const current = language === words.language && markup` aria-current="true"`
    return markup`<li><a href="${path}?lang=${language}" lang="${tag}" hreflang="${tag}"${current}>${ownName}</a></li>`
  })
  return markup`<nav class="languages" aria-label="${words.languages}"><ul>${items}</ul></nav>`
}

function actions(words: Words, path: string, isPrint: boolean): Markup {
  return isPrint
    ? markup`<a class="action" href="${path}?lang=${words.language}">${words.backToPage}</a><p class="print-hint">${words.printHint}</p>`
    : markup`<a class="action" href="${path}/print?lang=${words.language}">${words.print}</a><a class="action" href="${path}/transcript.json" download>${words.download}</a>`
}

function facts({ conversation }: Transcript, messageCount: number, { words, speech }: Context): Markup {
  const { closed, openedAt, stage } = conversation
  const end =
    closed === null
      ? markup`${words.notClosed} <span class="fact-detail">${words.stage(stage)}</span>`
      : markup`${moment(closed.at, speech)} <span class="fact-detail">${words.closeReason(closed.reason)}</span>`
  return markup`<dl class="facts">
<div><dt>${words.opened}</dt><dd>${moment(openedAt, speech)}</dd></div>
<div><dt>${words.closed}</dt><dd>${end}</dd></div>
<div><dt>${words.messages}</dt><dd>${speech.number(messageCount)}</dd></div>
<div><dt>${words.timeZone}</dt><dd>${speech.timeZone(openedAt)}</dd></div>
<div class="wide"><dt>${words.conversation}</dt><dd class="identifier">${conversation._id}</dd></div>
</dl>`
}

function integrity({ records }: Transcript, { words, speech }: Context): Markup {
  const last = records.at(-1)
  const fingerprint =
    last !== undefined &&
    markup` ${words.lastRecord}: <code class="hash">${Buffer.from(last.hash).toString('hex')}</code>`
  return markup`<section aria-labelledby="integrity"><h2 id="integrity">${words.integrity}</h2><p>${words.integrityLine(speech.number(records.length))}${fingerprint}</p></section>`
}

function entriesMarkup(entries: readonly TranscriptEntry[], context: Context): readonly Markup[] {
  let day = ''
  const shown = (entry: TranscriptEntry): Markup => {
    const { speech } = context
    const entryDay = speech.dayKey(entry.recordedAt)
    const separator =
      entryDay !== day &&
      markup`<li class="day"><h3>${speech.day(entry.recordedAt)}</h3></li>
`
    const said = entry.kind === 'message' ? messageMarkup(entry, context) : lineMarkup(entry, context)
    day = entryDay
    return markup`${separator}${said}
`
  }
  return entries.map((entry) => {
    try {
      return shown(entry)
    } catch {
      // The record holds it, whatever is wrong with it; the page goes on.
      return markup`<li class="line"><p>${context.words.body.unsupported('')}</p></li>
`
    }
  })
}

function lineMarkup(entry: SystemEntry, { words, speech }: Context): Markup {
  return markup`<li class="line"><p><span dir="auto">${describeLine(entry.line, words, speech)}</span> ${clock(entry.recordedAt, words.recorded, speech)}</p></li>`
}

function messageMarkup(entry: MessageEntry, context: Context): Markup {
  const { words, speech } = context
  const author = words.author[entry.author]
  const side = entry.author === 'customer' ? 'theirs' : 'ours'
  return markup`<li class="message ${side}"><article aria-label="${author}, ${speech.time(entry.occurredAt)}">
<p class="author">${author}${entry.forwarded && markup` <span class="tag">${words.forwarded}</span>`}</p>
<div class="bubble">${quoted(entry, context)}${content(entry, context)}</div>
${reactions(entry, context)}<p class="meta">${happened(entry, context)} ${recorded(entry, context)} ${status(entry, words)}</p>
${problems(entry, context)}</article></li>`
}

function content(entry: MessageEntry, { words, speech, showRevoked }: Context): Markup {
  const [editedAt, deletedAt] =
    entry.author === 'company'
      ? [words.editedByCompanyAt, words.deletedByCompanyAt]
      : [words.editedAt, words.deletedAt]
  const revoked =
    entry.revoked !== null &&
    markup`<p class="small">${deletedAt(speech.moment(entry.revoked.occurredAt))}</p>`
  if (entry.revoked !== null && !showRevoked)
    return markup`<p class="note">${deletedBy(entry, words)}</p>${revoked}`
  const edits = entry.edits.map(
    ({ before, occurredAt }) =>
      markup`<div class="edit"><p class="small">${editedAt(speech.moment(occurredAt))}</p><del class="before">${bodyMarkup(MessageBody.fromJSON(before), words)}</del></div>`,
  )
  return markup`${bodyMarkup(MessageBody.fromJSON(entry.body), words)}${edits}${revoked}`
}

function deletedBy({ author }: MessageEntry, words: Words): string {
  return author === 'company' ? words.deletedByCompany : words.deletedByCustomer
}

const QUOTE_CHARACTERS_MAX = 80

function quoted(entry: MessageEntry, { words, byProviderId, showRevoked }: Context): Markup | undefined {
  if (entry.replyToProviderMessageId === '') return undefined
  const target = byProviderId.get(entry.replyToProviderMessageId)
  if (target === undefined) return undefined
  const isHidden = target.revoked !== null && !showRevoked
  const said = isHidden ? deletedBy(target, words) : textOf(target, words.body)
  const line = characters(said.split('\n')[0] ?? '')
  const short = line.slice(0, QUOTE_CHARACTERS_MAX).join('') + (line.length > QUOTE_CHARACTERS_MAX ? '…' : '')
  return markup`<p class="quote"><span class="visually-hidden">${words.inReplyTo}: </span><bdi>${short}</bdi></p>`
}

function reactions(entry: MessageEntry, { words }: Context): Markup | undefined {
  if (entry.reactions.length === 0) return undefined
  const emojis = entry.reactions.map(({ emoji }) => markup`<bdi class="reaction">${emoji}</bdi>`)
  return markup`<p class="reactions"><span class="visually-hidden">${words.reactions}: </span>${emojis}</p>
`
}

/** The channel's clock; with its day when that is not the day under which the message stands. */
function happened({ occurredAt, recordedAt }: MessageEntry, { words, speech }: Context): Markup {
  const isSameDay = speech.dayKey(occurredAt) === speech.dayKey(recordedAt)
  const time = isSameDay ? clock(occurredAt, words.happened, speech) : moment(occurredAt, speech)
  return markup`<span class="happened"><span class="visually-hidden">${words.happened}: </span>${time}</span>`
}

function recorded({ recordedAt }: MessageEntry, { words, speech }: Context): Markup {
  return markup`<span class="recorded">${words.recorded} ${clock(recordedAt, words.recorded, speech)}</span>`
}

function clock(iso: string, label: string, speech: PageSpeech): Markup {
  return markup`<time datetime="${iso}" title="${label}: ${utc(iso)}">${speech.time(iso)}</time>`
}

function moment(iso: string, speech: PageSpeech): Markup {
  return markup`<time datetime="${iso}" title="${utc(iso)}">${speech.moment(iso)}</time>`
}

function utc(iso: string): string {
  return iso.replace('T', ' ').replace(/Z$/, ' UTC')
}

const MARKS: Readonly<Record<MessageStatus, string>> = {
  received: '',
  queued: '◷',
  uncertain: '?',
  sent: '✓',
  delivered: '✓✓',
  read: '✓✓',
  failed: '!',
}

function status(entry: MessageEntry, words: Words): Markup {
  const mark = MARKS[entry.status]
  return markup`<span class="status status-${entry.status}">${mark !== '' && markup`<span aria-hidden="true" class="mark">${mark}</span> `}${words.status[entry.status]}</span>`
}

/** How it went with the channel, where it did not go as it should. */
function problems(
  { status, failure, attempts, doubledProviderMessageId }: MessageEntry,
  { words, speech }: Context,
): readonly Markup[] {
  const said: string[] = []
  if (doubledProviderMessageId !== null) said.push(words.doubled)
  else if (status === 'uncertain') said.push(words.uncertainMeans(attempts, speech.number(attempts)))
  else if (attempts > 1) said.push(words.resent)
  if (status === 'failed' && failure !== null) said.push(words.failedBecause(failure.title, failure.code))
  return said.map((sentence) => markup`<p class="problem" dir="auto">${sentence}</p>`)
}
