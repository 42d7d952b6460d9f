interface AskedPage {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * Programs that fetch a link before anybody follows it, to show what it leads to. WhatsApp's own names itself in front of everything
 * else; a browser inside an app begins with Mozilla. Meta's: https://developers.facebook.com/docs/sharing/webmasters/web-crawlers
 */
const PREVIEWERS =
  /^WhatsApp\/|facebookexternalhit|facebookcatalog|meta-externalfetcher|meta-externalagent|Facebot|TelegramBot|Twitterbot|Slackbot|LinkedInBot|Discordbot|SkypeUriPreview|Google-PageRenderer|GoogleMessages|Iframely|redditbot|Applebot|Googlebot|bingbot|MicrosoftPreview|Slack-ImgProxy|Mattermost|Viber|Snap URL Preview|Pinterestbot|YandexBot|DuckDuckBot/i

/** Nobody has seen it yet: a HEAD, a browser that fetches ahead, a program that makes a preview of a link. */
export function isPreview({ method, headers }: AskedPage): boolean {
  if (method === 'HEAD') return true
  // Sec-Purpose is the standard's (https://fetch.spec.whatwg.org/#sec-purpose-header), the others came before it.
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) =>
    String(Object.hasOwn(headers, name) ? headers[name] : ''),
  )
  if (purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose))) return true
  return PREVIEWERS.test(String(headers['user-agent'] ?? ''))
}
