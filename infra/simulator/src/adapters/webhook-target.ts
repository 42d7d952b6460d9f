import { Pool } from 'undici'
import type { WebhookTarget } from '../webhook/delivery.ts'

export interface HttpWebhookTarget extends WebhookTarget {
  /** Meta's verification (docs/reference/whatsapp.md, Verification): true if the product answered with the challenge. */
  verify(verifyToken: string, challenge: string): Promise<boolean>
  close(): Promise<void>
}

/** The product's webhook over kept-alive connections. Redirects are not followed. */
export const httpWebhookTarget = (
  webhookUrl: string,
  connections: number,
  timeoutMs: number,
): HttpWebhookTarget => {
  const url = new URL(webhookUrl)
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const path = url.pathname + url.search

  return {
    host: url.host,
    post: async (body, headers) => {
      const answer = await pool.request({ method: 'POST', path, headers, body })
      await answer.body.dump()
      return answer.statusCode
    },
    verify: async (verifyToken, challenge) => {
      const query = new URLSearchParams(url.search)
      query.set('hub.mode', 'subscribe')
      query.set('hub.challenge', challenge)
      query.set('hub.verify_token', verifyToken)
      const answer = await pool.request({
        method: 'GET',
        path: `${url.pathname}?${query.toString()}`,
        headers: { 'user-agent': 'facebookplatform/1.0 (+http://developers.facebook.com)' },
      })
      return (await answer.body.text()) === challenge && answer.statusCode === 200
    },
    close: () => pool.destroy(),
  }
}
