import { mistakeInAddress } from '../address.ts'
import type { FlowDraft } from '../reading.ts'
import { knownSteps } from './steps.ts'

export function checkCalls(draft: FlowDraft, environment: Readonly<Record<string, string>>): void {
  for (const [name, step] of knownSteps(draft)) {
    if (step.kind !== 'call') continue
    const path = ['steps', name, 'call']
    const { url, method, body } = step.call
    const mistake = mistakeInAddress(url, draft.head?.private_hosts ?? [], environment)
    if (mistake !== undefined) draft.problem([...path, 'url'], 'BAD_ADDRESS', `the address ${mistake}`)
    for (const [variable, field] of Object.entries(step.call.save))
      if (field.split('.').includes(''))
        draft.problem(
          [...path, 'save', variable],
          'WRONG_SHAPE',
          `"${field}" is no path: names with single points between them, as card.status`,
        )
    if (method === 'GET' && body !== undefined)
      draft.problem([...path, 'body'], 'WRONG_SHAPE', 'a GET has no body')
    if (Object.keys(step.call.headers).some((header) => !/^[A-Za-z0-9-]+$/.test(header)))
      draft.problem([...path, 'headers'], 'WRONG_SHAPE', 'a header name is letters, digits and -')
    for (const header of Object.keys(step.call.headers))
      if (
        ['idempotency-key', 'host', 'content-length', 'transfer-encoding', 'connection'].includes(
          header.toLowerCase(),
        )
      )
        draft.problem([...path, 'headers', header], 'WRONG_SHAPE', `the header ${header} is set by the bot`)
  }
}
