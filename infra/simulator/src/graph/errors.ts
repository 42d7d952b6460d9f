import { randomBytes } from 'node:crypto'

/** What the Graph API answers when it does not do what it was asked. */
export interface GraphError {
  readonly httpStatus: number
  readonly code: number
  readonly title: string
  readonly details: string
  readonly subcode?: number
}

/** Title and HTTP status of the codes in docs/reference/whatsapp.md, after Meta's error page. */
const known: Readonly<Record<number, readonly [httpStatus: number, title: string]>> = {
  0: [401, 'AuthException'],
  1: [400, 'API Unknown'],
  2: [503, 'API Service'],
  3: [500, 'API Method'],
  4: [400, 'Application request limit reached'],
  10: [403, 'Permission Denied'],
  33: [400, 'Parameter value is not valid'],
  100: [400, 'Invalid parameter'],
  190: [401, 'Invalid OAuth access token - Cannot parse access token'],
  368: [403, 'Temporarily blocked for policies violations'],
  80007: [400, 'Rate limit issues'],
  130429: [400, 'Rate limit hit'],
  130472: [400, "User's number is part of an experiment"],
  130497: [403, 'Business account is restricted from messaging users in this country'],
  131000: [500, 'Something went wrong'],
  131005: [403, 'Access denied'],
  131008: [400, 'Required parameter is missing'],
  131009: [400, 'Parameter value is not valid'],
  131016: [500, 'Service unavailable'],
  131021: [400, 'Recipient cannot be sender'],
  131026: [400, 'Message undeliverable'],
  131031: [403, 'Account has been locked'],
  131037: [400, 'Display name approval required'],
  131042: [400, 'Business eligibility payment issue'],
  131045: [500, 'Incorrect certificate'],
  131047: [400, 'Re-engagement message'],
  131048: [400, 'Spam rate limit hit'],
  131049: [400, 'Meta chose not to deliver'],
  131050: [400, 'User has stopped marketing messages'],
  131051: [400, 'Unsupported message type'],
  131052: [400, 'Media download error'],
  131053: [400, 'Media upload error'],
  131056: [400, '(Business Account, Consumer Account) pair rate limit hit'],
  131057: [500, 'Account in maintenance mode'],
  131062: [400, 'Business-scoped user id is not supported for this message'],
  131064: [400, 'Messaging limit reached'],
  132000: [400, 'Number of parameters does not match the expected number of params'],
  132001: [404, 'Template name does not exist in the translation'],
  132005: [400, 'Translated text too long'],
  132007: [400, 'Template format character policy violated'],
  132008: [400, 'Template parameter value is not valid'],
  132012: [400, 'Parameter format does not match format in the created template'],
  132015: [404, 'Template is paused'],
  132016: [404, 'Template is disabled'],
  132068: [400, 'Flow is in blocked state'],
  132069: [400, 'Flow is in throttled state'],
  137000: [400, 'Identity key hash does not match'],
  139100: [400, 'Failed to block/unblock users'],
}

export const titleOf = (code: number): string => known[code]?.[1] ?? 'Unknown error'

export const graphError = (code: number, details: string): GraphError => ({
  httpStatus: known[code]?.[0] ?? 400,
  code,
  title: titleOf(code),
  details,
})

export const noSuchObject = (verb: string, id: string): GraphError => ({
  httpStatus: 400,
  code: 100,
  subcode: 33,
  title: `Unsupported ${verb} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
  details: '',
})

/** The body of an error answer, in Meta's shape. */
export const graphErrorBody = (error: GraphError): object => ({
  error: {
    message: error.code === 190 || error.subcode === 33 ? error.title : `(#${error.code}) ${error.title}`,
    type: 'OAuthException',
    code: error.code,
    ...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
    ...(error.details === ''
      ? {}
      : { error_data: { messaging_product: 'whatsapp', details: error.details } }),
    fbtrace_id: `A${randomBytes(16).toString('base64url')}`,
  },
})

/** An element of `errors[]` in a webhook. */
export const webhookError = (error: GraphError): object => ({
  code: error.code,
  title: error.title,
  message: error.title,
  error_data: { details: error.details },
  href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
})
