import type { MessageEntry, MessageStatus, SystemEntry, TranscriptEntry } from '../transcript/entry.ts'
import { type Transcript, bodyOf, textOf } from '../transcript/transcript.ts'
import { bn } from '../transcript/words/bn.ts'
import { en } from '../transcript/words/en.ts'
import { pt } from '../transcript/words/pt.ts'
import { LANGUAGES, type Language, type Words, describeLine } from '../transcript/words/words.ts'
import { bodyHtml } from './body.ts'
import { type Html, html } from './html.ts'
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

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value)
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
  const context: Context = {
    words,
    speech,
    showRevoked: options.showRevoked,
    byProviderId: new Map(
      transcript.entries
        .filter((entry) => entry.kind === 'message')
        .map((entry) => [entry.providerMessageId, entry]),
    ),
  }
  const isPrint = view === 'print'
  return html`<!doctype html>
    <html lang="${words.tag}" data-view="${view}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="${isPrint ? 'light' : 'light dark'}" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
        <title>${words.title} · ${company.name}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.stylesheet}" />
        ${isPrint && html`<script src="${assets.printScript}" defer></script>`}
      </head>
      <body>
        <a class="skip" href="#conversation">${words.skipToConversation}</a>
        <header class="page-header">
          <div class="company">
            <span class="company-mark" aria-hidden="true">${initial(company.name)}</span
            ><span class="company-name" dir="auto">${company.name}</span>
          </div>
          ${languageSwitch(words, isPrint ? `${path}/print` : path)}
        </header>
        <main>
          <section class="summary" aria-labelledby="title">
            <h1 id="title">${words.title}</h1>
            <p class="about">${words.about(company.name)}</p>
            ${summary(transcript, context)}
            <div class="actions">
              ${
                isPrint
                  ? html`<a class="action" href="${path}?lang=${language}">${words.backToPage}</a>
                      <p class="print-hint">${words.printHint}</p>`
                  : html`<a class="action" href="${path}/print?lang=${language}">${words.print}</a
                      ><a class="action" href="${path}/transcript.json" download>${words.download}</a>`
              }
            </div>
          </section>
          <section class="conversation" id="conversation" aria-labelledby="conversation-title" tabindex="-1">
            <h2 id="conversation-title" class="visually-hidden">${words.conversation}</h2>
            <ol class="entries">
              ${entriesHtml(transcript.entries, context)}
            </ol>
          </section>
        </main>
        <footer class="page-footer">
          <section aria-labelledby="privacy">
            <h2 id="privacy">${words.privacy}</h2>
            <p>${words.privacyLine(company.name, transcript.conversation.processors)}</p>
          </section>
          ${integrity(transcript, context)}
        </footer>
      </body>
    </html> `.markup
}

/** One page for every link that does not open, in all languages at once: it must not tell the cases apart, nor who asks. */
export function notFoundPage(assets: Assets): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <title>404</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assets.stylesheet}" />
      </head>
      <body>
        <main class="not-found">
          <h1 class="visually-hidden">404</h1>
          ${[en, pt, bn].map(
            (words) =>
              html`<section lang="${words.tag}">
                <h2>${words.notFoundTitle}</h2>
                <p>${words.notFoundText}</p>
              </section> `,
          )}
        </main>
      </body>
    </html> `.markup
}

const segmenter = new Intl.Segmenter()

/** As people count them: an emoji of several code points is one. */
function characters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function initial(name: string): string {
  return characters(name.trim())[0]?.toLocaleUpperCase() ?? ''
}

function languageSwitch(words: Words, path: string): Html {
  return html`<nav class="languages" aria-label="${words.languages}">
    <ul>
      ${LANGUAGES.map((language) => {
        const { tag, ownName } = WORDS[language]
        return html`<li>
          ${
            language === words.language
              ? html`<a href="${path}?lang=${language}" lang="${tag}" aria-current="true">${ownName}</a>`
              : html`<a href="${path}?lang=${language}" lang="${tag}" hreflang="${tag}">${ownName}</a>`
          }
        </li>`
      })}
    </ul>
  </nav>`
}

function summary({ conversation, entries }: Transcript, { words, speech }: Context): Html {
  const { closed, openedAt } = conversation
  const messages = entries.filter((entry) => entry.kind === 'message').length
  return html`<dl class="facts">
    <div>
      <dt>${words.opened}</dt>
      <dd>${moment(openedAt, speech)}</dd>
    </div>
    <div>
      <dt>${words.closed}</dt>
      <dd>
        ${
          closed === null
            ? html`${words.notClosed} <span class="fact-detail">${words.stage(conversation.stage)}</span>`
            : html`${moment(closed.at, speech)}
                <span class="fact-detail">${words.closeReason(closed.reason)}</span>`
        }
      </dd>
    </div>
    <div>
      <dt>${words.messages}</dt>
      <dd>${speech.number(messages)}</dd>
    </div>
    <div>
      <dt>${words.timeZone}</dt>
      <dd>${speech.timeZone(openedAt)}</dd>
    </div>
    <div class="wide">
      <dt>${words.conversation}</dt>
      <dd class="identifier">${conversation._id}</dd>
    </div>
  </dl>`
}

function integrity({ events }: Transcript, { words, speech }: Context): Html {
  const last = events.at(-1)
  return html`<section aria-labelledby="integrity">
    <h2 id="integrity">${words.integrity}</h2>
    <p>
      ${words.integrityLine(speech.number(events.length))}${
        last !== undefined &&
        html` ${words.lastRecord}: <code class="hash">${Buffer.from(last.hash).toString('hex')}</code>`
      }
    </p>
  </section>`
}

function entriesHtml(entries: readonly TranscriptEntry[], context: Context): readonly Html[] {
  const { speech } = context
  let day = ''
  return entries.map((entry) => {
    const entryDay = speech.dayKey(entry.recordedAt)
    const separator = entryDay !== day && html`<li class="day"><h3>${speech.day(entry.recordedAt)}</h3></li> `
    day = entryDay
    return html`${separator}${entry.kind === 'message' ? messageHtml(entry, context) : lineHtml(entry, context)} `
  })
}

function lineHtml(entry: SystemEntry, { words, speech }: Context): Html {
  return html`<li class="line">
    <p>
      <span dir="auto">${describeLine(entry.line, words, speech)}</span>
      ${clock(entry.recordedAt, words.recorded, speech)}
    </p>
  </li>`
}

function messageHtml(entry: MessageEntry, context: Context): Html {
  const { words, speech } = context
  const side = entry.author === 'customer' ? 'theirs' : 'ours'
  return html`<li class="message ${side}">
    <article aria-label="${words.author[entry.author]}, ${speech.time(entry.occurredAt)}">
      <p class="author author-${entry.author}">
        ${words.author[entry.author]}${entry.forwarded && html` <span class="tag">${words.forwarded}</span>`}
      </p>
      <div class="bubble">${quoted(entry, context)}${contentHtml(entry, context)}</div>
      ${reactionsHtml(entry, context)}
      <p class="meta">
        ${happened(entry, context)} ${recorded(entry, context)} ${statusHtml(entry, context)}
      </p>
      ${problem(entry, words)}
    </article>
  </li>`
}

function contentHtml(entry: MessageEntry, { words, speech, showRevoked }: Context): Html {
  if (entry.revoked !== null && !showRevoked)
    return html`<p class="note">${words.deletedByCustomer}</p>
      ${revokedAt(entry, words, speech)}`
  const edits = entry.edits.map(
    ({ before, occurredAt }) =>
      html`<div class="edit">
        <p class="small">${words.editedAt(speech.moment(occurredAt))}</p>
        <del class="before">${bodyHtml(bodyOf(entry, before), words)}</del>
      </div>`,
  )
  return html`${bodyHtml(bodyOf(entry), words)}${edits}${entry.revoked !== null && revokedAt(entry, words, speech)}`
}

function revokedAt(entry: MessageEntry, words: Words, speech: PageSpeech): Html | undefined {
  return entry.revoked === null
    ? undefined
    : html`<p class="small">${words.deletedAt(speech.moment(entry.revoked.occurredAt))}</p>`
}

const QUOTE_LENGTH_MAX = 80

function quoted(entry: MessageEntry, { words, byProviderId, showRevoked }: Context): Html | undefined {
  if (entry.replyToProviderMessageId === '') return undefined
  const target = byProviderId.get(entry.replyToProviderMessageId)
  if (target === undefined) return undefined
  const said = target.revoked !== null && !showRevoked ? words.deletedByCustomer : textOf(target, words.body)
  const line = characters(said.split('\n')[0] ?? '')
  const short =
    line.length > QUOTE_LENGTH_MAX ? `${line.slice(0, QUOTE_LENGTH_MAX).join('')}…` : line.join('')
  return html`<p class="quote">
    <span class="visually-hidden">${words.inReplyTo}: </span><bdi>${short}</bdi>
  </p>`
}

function reactionsHtml(entry: MessageEntry, { words }: Context): Html | undefined {
  return entry.reactions.length === 0
    ? undefined
    : html`<p class="reactions">
        <span class="visually-hidden">${words.reactions}: </span
        >${entry.reactions.map(({ emoji }) => html`<bdi class="reaction">${emoji}</bdi>`)}
      </p> `
}

/** The channel's clock; with its day when that is not the day under which the message stands. */
function happened(entry: MessageEntry, { words, speech }: Context): Html {
  const sameDay = speech.dayKey(entry.occurredAt) === speech.dayKey(entry.recordedAt)
  return html`<span class="happened"
    ><span class="visually-hidden">${words.happened}: </span>${
      sameDay ? clock(entry.occurredAt, words.happened, speech) : moment(entry.occurredAt, speech)
    }</span
  >`
}

function recorded(entry: MessageEntry, { words, speech }: Context): Html {
  return html`<span class="recorded"
    >${words.recorded} ${clock(entry.recordedAt, words.recorded, speech)}</span
  >`
}

function clock(iso: string, label: string, speech: PageSpeech): Html {
  return html`<time datetime="${iso}" title="${label}: ${utc(iso)}">${speech.time(iso)}</time>`
}

function moment(iso: string, speech: PageSpeech): Html {
  return html`<time datetime="${iso}" title="${utc(iso)}">${speech.moment(iso)}</time>`
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

function statusHtml(entry: MessageEntry, { words }: Context): Html {
  return html`<span class="status status-${entry.status}"
    >${MARKS[entry.status] !== '' && html`<span aria-hidden="true" class="mark">${MARKS[entry.status]}</span> `}${words.status[entry.status]}</span
  >`
}

function problem(entry: MessageEntry, words: Words): Html | undefined {
  if (entry.status === 'uncertain') return html`<p class="problem">${words.uncertainMeans}</p>`
  if (entry.status === 'failed' && entry.failure !== null)
    return html`<p class="problem" dir="auto">
      ${words.failedBecause(entry.failure.title, entry.failure.code)}
    </p>`
  return undefined
}
