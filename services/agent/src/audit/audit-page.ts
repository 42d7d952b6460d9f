import { ENTRY_TYPES, type RecordedEntry, type SubjectKind, isEntryType } from '@parley/audit'
import { LANGUAGES, type Language } from '@parley/conversation'
import { type Markup, markup } from '@parley/service/markup'
import type { EntryPage, QueryField, QueryProblem } from './entries.ts'
import { bn } from './words/bn.ts'
import { en } from './words/en.ts'
import { pt } from './words/pt.ts'
import type { Words } from './words/words.ts'

const WORDS: Readonly<Record<Language, Words>> = { pt, en, bn }

/** What the page shows below its form. */
export type AuditShown =
  | ({ readonly kind: 'entries' } & EntryPage)
  | { readonly kind: 'query_invalid'; readonly problems: readonly QueryProblem[] }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'not_allowed' }

export interface AuditPageOptions {
  readonly shown: AuditShown
  /** As it was asked, to stand in the form again. */
  readonly asked: Readonly<Partial<Record<QueryField, string>>>
  readonly language: Language
  readonly company: { readonly name: string; readonly timeZone: string }
  readonly stylesheet: string
}

/** The audit on one page of HTML, which needs no script. */
export function auditPage({ shown, asked, language, company, stylesheet }: AuditPageOptions): string {
  const words = WORDS[language]
  return markup`<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>${words.title} · ${company.name}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#entries">${words.skipToEntries}</a>
<header class="page-header">
<p class="company"><a href="/" title="${words.toConsole}"><bdi>${company.name}</bdi></a></p>
${languageSwitch(words, asked)}
</header>
<main>
<section class="summary" aria-labelledby="title">
<h1 id="title">${words.title}</h1>
<p class="about">${words.about}</p>
${shown.kind !== 'not_allowed' && filterForm(words, asked)}
</section>
<section id="entries" aria-labelledby="entries-title" tabindex="-1">
<h2 id="entries-title" class="visually-hidden">${words.entries}</h2>
${shownMarkup(shown, asked, words, company.timeZone)}
</section>
</main>
<footer class="page-footer"><p>${words.timesIn(company.timeZone)}</p></footer>
</body>
</html>
`.html
}

type Asked = AuditPageOptions['asked']

function shownMarkup(shown: AuditShown, asked: Asked, words: Words, timeZone: string): Markup {
  switch (shown.kind) {
    case 'unavailable':
      return markup`<p class="problem" role="status">${words.unavailable}</p>`
    case 'not_allowed':
      return markup`<p class="problem" role="status">${words.notAllowed} <a href="/">${words.toConsole}</a></p>`
    case 'query_invalid':
      return markup`<div class="problem" role="status"><p>${words.queryInvalid}</p><ul>${shown.problems.map(
        ({ path, message }) => markup`<li><code>${path}</code>: ${message}</li>`,
      )}</ul></div>`
    case 'entries':
      return shown.entries.length === 0 && asked.cursor === undefined
        ? markup`<p class="empty" role="status">${words.empty}</p>`
        : markup`<ol class="entries">
${entriesMarkup(shown.entries, words, timeZone)}</ol>
${pages(shown, asked, words)}`
  }
}

function entriesMarkup(entries: readonly RecordedEntry[], words: Words, timeZone: string): readonly Markup[] {
  const day = new Intl.DateTimeFormat(words.tag, { timeZone, dateStyle: 'full' })
  const time = new Intl.DateTimeFormat(words.tag, { timeZone, timeStyle: 'medium', hourCycle: 'h23' })
  let before = ''
  return entries.map((entry) => {
    const at = new Date(entry.at)
    const today = day.format(at)
    const separator =
      today !== before &&
      markup`<li class="day"><h3>${today}</h3></li>
`
    before = today
    return markup`${separator}${entryMarkup(entry, time.format(at), words)}
`
  })
}

function entryMarkup(
  { at, person, type, subject, fields }: RecordedEntry,
  time: string,
  words: Words,
): Markup {
  const facts = [[subjectNamed(subject.kind, words), subject.id] as const, ...Object.entries(fields)].filter(
    ([, value]) => value !== '',
  )
  return markup`<li class="entry"><article>
<p class="done"><time datetime="${at}" title="${at.replace('T', ' ').replace(/Z$/, ' UTC')}">${time}</time> <b>${isEntryType(type) ? words.types[type] : type}</b></p>
<p class="by" dir="auto">${person === null ? words.nobody : personMarkup(person)}</p>
<dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>
</article></li>`
}

/** Of a kind that this version does not know, what the log says. */
const subjectNamed = (kind: string, { subjects }: Words): string =>
  Object.hasOwn(subjects, kind) ? subjects[kind as SubjectKind] : kind

function personMarkup({ id, login, name }: NonNullable<RecordedEntry['person']>): Markup {
  return markup`<bdi>${name}</bdi> <span class="detail"><bdi>${login}</bdi> · <bdi>${id}</bdi></span>`
}

function filterForm(words: Words, asked: Asked): Markup {
  const types = ENTRY_TYPES.map(
    (type) =>
      markup`<option value="${type}"${asked.type === type && markup` selected`}>${words.types[type]}</option>`,
  )
  return markup`<form class="filter" method="get" action="/audit" aria-label="${words.filter}">
<input type="hidden" name="lang" value="${words.language}">
<label><span>${words.person}</span><input name="person" value="${asked.person ?? ''}" placeholder="${words.personHint}" autocomplete="off" spellcheck="false" maxlength="200"></label>
<label><span>${words.subject}</span><input name="subject" value="${asked.subject ?? ''}" placeholder="${words.subjectHint}" autocomplete="off" spellcheck="false" maxlength="200"></label>
<label><span>${words.type}</span><select name="type"><option value="">${words.allTypes}</option>${types}</select></label>
<label><span>${words.from}</span><input type="date" name="from" value="${dayOf(asked.from)}"></label>
<label><span>${words.to}</span><input type="date" name="to" value="${dayOf(asked.to)}"></label>
<div class="actions"><button class="action">${words.show}</button><a class="action" href="${addressOf({}, words.language)}">${words.showAll}</a></div>
</form>`
}

/** A date field takes nothing else. */
function dayOf(asked: string | undefined): string {
  return /^\d{4}-\d{2}-\d{2}/.exec(asked ?? '')?.[0] ?? ''
}

function pages({ cursor }: EntryPage, asked: Asked, words: Words): Markup {
  const { cursor: before, ...query } = asked
  return markup`<nav class="actions" aria-label="${words.entries}">
${before !== undefined && markup`<a class="action" href="${addressOf(query, words.language)}">${words.newest}</a>`}
${cursor === null ? markup`<p class="detail">${words.end}</p>` : markup`<a class="action" rel="next" href="${addressOf({ ...query, cursor }, words.language)}">${words.older}</a>`}
</nav>`
}

function languageSwitch(words: Words, asked: Asked): Markup {
  const items = LANGUAGES.map((language) => {
    const { tag, ownName } = WORDS[language]
    const current = language === words.language && markup` aria-current="true"`
    return markup`<li><a href="${addressOf(asked, language)}" lang="${tag}" hreflang="${tag}"${current}>${ownName}</a></li>`
  })
  return markup`<nav class="languages" aria-label="${words.languages}"><ul>${items}</ul></nav>`
}

function addressOf(asked: Asked, language: Language): string {
  return `/audit?${new URLSearchParams({ ...asked, lang: language }).toString()}`
}
