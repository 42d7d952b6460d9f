import { ENGLISH_BODY_WORDS, readableText } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { type Speech, type Words, namesOf, ownReason } from './words.ts'

const CLOSE_REASONS: ReadonlyMap<string, string> = new Map([
  ['flow_ended', 'the service was completed'],
  ['silence', 'no answer for a while'],
  ['opted_out', 'the customer asked to receive no more messages'],
  ['blocked', 'the contact was blocked'],
  ['merged', 'it continues under the customer’s other address'],
  ['left', 'the customer did not wish to wait'],
  ['solved', 'it was solved'],
  ['no_answer', 'the customer did not answer'],
])
const HANDOVER_REASONS: ReadonlyMap<string, string> = new Map([
  ['requested', 'as requested'],
  ['robot_failed', 'the robot could not answer'],
  ['robot_timeout', 'the robot did not answer in time'],
  ['notice_not_sent', 'the privacy notice could not be delivered'],
  ['answer_not_sent', 'the robot’s answer could not be delivered'],
  ['reopened', 'the customer wrote again soon after the end'],
  ['merged', 'it goes on from the customer’s other address'],
])
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['OUTSIDE_REPLY_WINDOW', 'more than 24 hours had passed since the customer’s last message'],
  ['CONTACT_OPTED_OUT', 'the customer asked to receive no messages'],
  ['CONTACT_BLOCKED', 'the contact is blocked'],
])
const STAGES: ReadonlyMap<string, string> = new Map([
  ['with_robot', 'With the robot'],
  ['waiting', 'Waiting for an agent'],
  ['with_agent', 'With an agent'],
  ['parked', 'Waiting for the customer'],
  ['ending', 'Ending'],
  ['closed', 'Closed'],
])
const MEDIA: ReadonlyMap<string, string> = new Map([
  ['image', 'Image'],
  ['audio', 'Audio'],
  ['video', 'Video'],
  ['document', 'Document'],
  ['sticker', 'Sticker'],
])

const person = (id: string, { agent }: Speech): string => agent(id) ?? 'An agent'
const closeReason = (reason: string): string => CLOSE_REASONS.get(reason) ?? ownReason(reason)

const NO_FILE: ReadonlyMap<string, string> = new Map([
  ['gone', 'WhatsApp no longer has it'],
  ['too_large', 'it is too large'],
  ['wrong_hash', 'it did not arrive whole'],
  ['wrong_kind', 'it is not what it says that it is'],
  ['infected', 'a virus was found in it'],
])

const body = {
  ...ENGLISH_BODY_WORDS,
  media: (type: string, voice: boolean) => (voice ? 'Voice message' : (MEDIA.get(type) ?? type)),
  location: 'Location',
  contactCard: 'Contact',
  template: 'Template',
  order: 'Order',
  form: 'Form',
  unsupported: (type: string) =>
    type === ''
      ? 'A message of a kind that cannot be shown here'
      : `A message of a kind that cannot be shown here: ${type}`,
  empty: 'Message without content',
}

export const en: Words = {
  language: 'en',
  tag: 'en-GB',
  ownName: 'English',
  title: 'Conversation record',
  about: (company) =>
    `This is the record of a conversation with ${company}: what both sides wrote, in order. It cannot be changed: what is corrected or deleted later is added to it. Card numbers and sensitive answers are masked. Whoever has this link can read it, until it expires.`,
  skipToConversation: 'Skip to the conversation',
  languages: 'Language of this page',
  summary: 'Summary',
  conversation: 'Conversation',
  opened: 'Opened',
  closed: 'Closed',
  notClosed: 'Still open',
  messages: 'Messages',
  timeZone: 'Times of day',
  worksUntil: 'This link works until',
  print: 'Print or save as PDF',
  printHint: 'If the print window did not open, use the print command of your browser.',
  download: 'Download for verification (JSON)',
  downloadHolds:
    'The download holds the messages as this page shows them, and the stored records of the conversation byte for byte, so that anybody can check that nothing was changed. Of a record with a masked answer or a message that was deleted, and of what the company’s people wrote for each other, it holds the fingerprint only.',
  paperLine: (conversationId, moment) => `Conversation ${conversationId} · as of ${moment}`,
  backToPage: 'Back to the page',
  happened: 'Happened',
  recorded: 'recorded',
  author: {
    customer: 'Customer',
    bot: 'Robot',
    agent: 'Agent',
    company: 'Company, in the WhatsApp Business app',
    system: 'Automatic message',
  },
  status: {
    received: 'Received',
    queued: 'Waiting to be sent',
    uncertain: 'Not confirmed',
    sent: 'Sent',
    delivered: 'Delivered',
    read: 'Read',
    failed: 'Not delivered',
  },
  failedBecause: (title, code) => (title === '' ? `Code ${code}.` : `${title} (code ${code}).`),
  uncertainMeans: (attempts, shown) =>
    attempts > 1
      ? `The channel gave no answer to ${shown} attempts: this message may have arrived more than once, once, or not at all.`
      : 'The channel gave no answer: this message may or may not have arrived.',
  resent: 'Sent once more: the channel had given no answer to the first attempt.',
  doubled: 'This message arrived twice: the channel had given no answer to the first attempt, and took both.',
  edited: 'Edited',
  editedAt: (moment) => `Edited by the customer, ${moment}. Before:`,
  editedByCompanyAt: (moment) => `Edited by the company, ${moment}. Before:`,
  before: 'Before',
  deletedByCustomer: 'The customer deleted this message.',
  deletedAt: (moment) => `Deleted by the customer, ${moment}.`,
  deletedByCompany: 'The company deleted this message.',
  deletedByCompanyAt: (moment) => `Deleted by the company, ${moment}.`,
  reactions: 'Reactions',
  forwarded: 'Forwarded',
  inReplyTo: 'In reply to',
  options: 'Options offered',
  chosen: 'Chosen',
  opensThisRecord: 'The link that was sent opens this record.',
  body,
  downloadFile: 'Download the file',
  fileUnavailable: (reason) => {
    const why = NO_FILE.get(reason) ?? 'it could not be fetched'
    return `The file is not here: ${why}.`
  },
  stage: (stage) => STAGES.get(stage) ?? stage,
  closeReason,
  lines: {
    conversation_opened: ({ advertisement }) =>
      advertisement === ''
        ? 'Conversation opened'
        : `Conversation opened from the advertisement “${advertisement}”`,
    language_chosen: ({ language }, speech) =>
      `Language chosen by the customer: ${speech.language(language)}`,
    robot_resumed: () => 'The robot answers again',
    privacy_notice_shown: ({ processors }) =>
      processors.length === 0
        ? 'The customer was shown the privacy notice'
        : `The customer was shown the privacy notice. Processed by: ${namesOf(processors)}`,
    handed_over: ({ reason }) => `Handed over to an agent: ${HANDOVER_REASONS.get(reason) ?? reason}`,
    agent_began: ({ agentId }, speech) => `${person(agentId, speech)} of the company wrote first`,
    queued: ({ queue }) => `Waiting for an agent, in the queue “${queue}”`,
    call_back_chosen: () => 'The customer chose to be written to when the queue opens',
    taken_over: ({ agentId, fromAgentId }, speech) => {
      const who = person(agentId, speech)
      if (fromAgentId === '') return `${who} took over`
      return fromAgentId === agentId
        ? `${who} took the conversation up again`
        : `${who} took over from ${speech.agent(fromAgentId) ?? 'another agent'}`
    },
    requeued: ({ queue, fromAgentId, isTransfer }, speech) => {
      if (isTransfer)
        return `${person(fromAgentId, speech)} passed the conversation on to the queue “${queue}”`
      return fromAgentId === ''
        ? `The conversation moved to the queue “${queue}”`
        : `The conversation waits again, in the queue “${queue}”`
    },
    returned_to_robot: ({ agentId }, speech) =>
      `${person(agentId, speech)} passed the conversation back to the robot`,
    hold_began: ({ agentId }, speech) => `${person(agentId, speech)} put the conversation on hold`,
    hold_ended: ({ agentId }, speech) => `${person(agentId, speech)} went on with the conversation`,
    parked: ({ agentId, until }, speech) =>
      until === ''
        ? `${person(agentId, speech)} set the conversation aside until the customer writes`
        : `${person(agentId, speech)} set the conversation aside until ${speech.moment(until)}`,
    agent_ended: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} ended the conversation: ${closeReason(reason)}`,
    link_issued: ({ expiresAt }, speech) =>
      `A link to this record was issued, valid until ${speech.moment(expiresAt)}`,
    link_revoked: () => 'A link to this record was revoked',
    agent_closed: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} closed the conversation: ${closeReason(reason)}`,
    conversation_closed: ({ reason }) => `Conversation closed: ${closeReason(reason)}`,
    opted_out: () => 'The customer asked to receive no more messages',
    opted_in: () => 'The customer agreed to receive messages again',
    contact_blocked: () => 'The contact was blocked',
    contact_unblocked: () => 'The contact was unblocked',
    marketing_preference_changed: ({ value }) =>
      value === 'stop'
        ? 'The customer stopped marketing messages'
        : 'The customer allowed marketing messages',
    contact_merged: () => 'This address and another proved to be the same customer: it continues there',
    contact_absorbed: () => 'Another address proved to be the same customer: it continues here',
    sending_refused: ({ code }) => `A message was not sent: ${REFUSALS.get(code) ?? code}`,
    unknown_message_edited: ({ body: edited }) =>
      `The customer edited a message that is not in this record. New text: ${readableText(MessageBody.fromJSON(edited), body)}`,
    unknown_message_revoked: () => 'The customer deleted a message that is not in this record',
    unknown_message_reacted: ({ emoji }) =>
      emoji === ''
        ? 'The customer took back a reaction to a message that is not in this record'
        : `The customer reacted with ${emoji} to a message that is not in this record`,
  },
  privacy: 'Privacy',
  privacyLine: (company) =>
    `The messages travelled over WhatsApp. Meta, which runs it, decrypts them and passes them to ${company}: up to there the chat is not end-to-end encrypted. A robot and people of ${company} read and answer them, and ${company} keeps this record.`,
  processorsLine: 'As the customer was told, the messages are also handled by:',
  processor: (role, name) =>
    new Map([
      ['channel', `${name}, which delivers the messages`],
      ['hosting', `${name}, which runs the computers`],
      ['ai_vendor', `${name}, whose artificial intelligence helps to answer`],
      ['staffing_vendor', `${name}, whose people read and answer`],
    ]).get(role),
  integrity: 'Nothing was changed',
  integrityLine: (records) =>
    `This conversation is kept as ${records} records. Each holds the fingerprint (SHA-256) of the one before it, so the last fingerprint stands for all of them. A time stands once where a message was recorded within a minute of when it happened; the download has both to the millisecond.`,
  fingerprintAtClosing: 'Fingerprint at closing',
  fingerprintSoFar: 'Fingerprint so far',
  linksAndViews: 'Links to this record, and views',
  viewed: 'Opened',
  viewsBefore: (count) => `Times opened before these: ${count}`,
  openedTooOften: 'This record was opened too often. Please try again in a minute.',
  beingWritten: 'This record is being written. Please try again in a moment.',
  notFoundTitle: 'This link is not valid',
  notFoundText:
    'It may have expired or been revoked, or the address is incomplete. Ask the company for a new link.',
}
