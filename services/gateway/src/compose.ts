import { randomBytes, randomUUID } from 'node:crypto'
import { metrics } from '@opentelemetry/api'
import { type ConversationCommand, conversations } from '@parley/conversation'
import {
  appendCommands,
  appendDeadLetters,
  ensureTopics,
  kafkaLog,
  managed,
  runReactor,
  storeIdOf,
  topicsOf,
} from '@parley/eventlog'
import { type NewCommand, timeOrderedId } from '@parley/kernel'
import { wayOutOf } from '@parley/outbound'
import {
  type Resources,
  Rounds,
  type ServiceContext,
  auditRecorder,
  connectMongo,
  grpcIdentity,
  createHttpServer,
  httpOf,
  currentTraceparent,
  listen,
  startGrpcServer,
  steadyNow,
  withSpan,
  logLine,
  readerGrpc,
  readerResources,
  readerTrouble,
} from '@parley/service'
import { readPeopleIn } from '@parley/people/directory'
import { gatewayGrpc } from './adapters/gateway-grpc.ts'
import { graphClient } from './adapters/graph-client.ts'
import { gridFsMedia } from './adapters/gridfs-media.ts'
import { mediaDownload } from './adapters/media-download.ts'
import { mediaGrpc } from './adapters/media-grpc.ts'
import { mongoAliases } from './adapters/mongo-aliases.ts'
import { mongoChannelFiles } from './adapters/mongo-channel-files.ts'
import { mongoContacts } from './adapters/mongo-contacts.ts'
import { mongoMediaJobs } from './adapters/mongo-media-jobs.ts'
import { mongoOutbox } from './adapters/mongo-outbox.ts'
import { mongoReceipts } from './adapters/mongo-receipts.ts'
import { mongoSeen } from './adapters/mongo-seen.ts'
import { bodiesBudget } from './adapters/bodies-budget.ts'
import { permitsOf } from './adapters/people-permits.ts'
import { mongoUploadPieces } from './adapters/mongo-upload-pieces.ts'
import { withoutMetadata } from './adapters/photo-metadata.ts'
import { templateLists } from './adapters/template-lists.ts'
import { typingSigns } from './adapters/typing-signs.ts'
import { webhookRoutes } from './adapters/webhook-routes.ts'
import { type ChannelAccount, gatewaySettings } from './config.ts'
import { channelFile } from './media/channel-files.ts'
import { Fetcher } from './media/fetcher.ts'
import { MEDIA_EVENTS, jobOf } from './media/jobs.ts'
import { receiveFile } from './media/receiving.ts'
import { actingOn } from './reacting/acting.ts'
import { REACTED_TO, wishesFor } from './reacting/reactions.ts'
import type { CallResult } from './sending/answer.ts'
import { HELD } from './sending/backlog.ts'
import { typingRequest } from './sending/graph-request.ts'
import { Sender } from './sending/sender.ts'
import { Intake } from './webhook/intake.ts'
import { profileDigestWith } from './webhook/profile-digest.ts'

const ANSWER_WITHIN_MS = 8_000
const PROBE_EVERY_MS = 30_000
const SWEPT_EVERY_MS = 60 * 60_000
/** WhatsApp waits for the answer to a receipt as long; nobody else does. */
const RECEIPTS_GATHER_MS = 50

export async function compose({ env, log, fault, isReady }: ServiceContext): Promise<Resources> {
  const settings = gatewaySettings(env)
  const { namespace, host } = settings
  const [{ db, resource: mongo }, identity, roster] = await Promise.all([
    connectMongo(settings.mongodbUri, `${namespace}_gateway`),
    grpcIdentity('gateway', env),
    readPeopleIn(settings.configDirectory),
  ])
  const topics = topicsOf(namespace, conversations)
  const accounts = new Map(settings.accounts.map((account) => [account.phoneNumberId, account]))

  const eventLog = await kafkaLog(
    { ...settings.kafka, store: await storeIdOf(db, settings.partitions), log: logLine(log) },
    'parley-gateway',
  )
  const append = async (commands: readonly NewCommand<ConversationCommand>[]) =>
    void (await appendCommands(eventLog, topics, commands))
  const [contacts, aliases, outbox, seen, media, mediaJobs, channelFiles, uploadPieces] = await Promise.all([
    mongoContacts(db),
    mongoAliases(db),
    mongoOutbox(db),
    mongoSeen(db),
    gridFsMedia(db),
    mongoMediaJobs(db),
    mongoChannelFiles(db),
    mongoUploadPieces(db),
    ensureTopics(settings.kafka, namespace, [conversations], settings.partitions),
  ])
  const calling = { wayOut: wayOutOf(settings), timeoutMs: settings.callTimeoutMs }
  const graph = graphClient({ ...calling, connectionsMax: settings.callsMax + 16 })
  const downloads = mediaDownload({ ...calling, hosts: settings.mediaHosts })
  /** A number that is configured no more is answered as the Graph answers of one that is not there. */
  const onAccount = async (
    id: string,
    call: (account: ChannelAccount) => Promise<CallResult>,
  ): Promise<CallResult> => {
    const account = accounts.get(id)
    return account === undefined ? { outcome: 'answered', status: 404, json: undefined } : call(account)
  }
  const trouble = (code: string, error: unknown) =>
    log.warn({ code, err: error }, 'a step failed and is tried again')

  const meter = metrics.getMeter('@parley/gateway')
  const uncertain = meter.createCounter('parley.send.uncertain', {
    unit: '{message}',
    description: 'Attempts whose answer never came, and for which no evidence came either.',
  })
  const resent = meter.createCounter('parley.send.resent', {
    unit: '{message}',
    description: 'Sent once more, on evidence that the first attempt did not go out.',
  })
  const doubled = meter.createCounter('parley.send.doubled', {
    unit: '{message}',
    description: 'Both attempts turned out to have gone out.',
  })

  const receipts = mongoReceipts(db, (error) => trouble('STORE_UNAVAILABLE', error))
  const sender = new Sender(
    {
      outbox,
      receipts,
      addressOf: (contactId) => contacts.addressOf(contactId),
      call: (accountId, body) =>
        onAccount(accountId, (account) => graph.call(account, 'POST', 'messages', body)),
      channelFile: (accountId, file) =>
        channelFile(accountId, file, {
          ...channelFiles,
          read: (sha256, start, end) => media.read(sha256, start, end),
          upload: (id, outgoing) => onAccount(id, (account) => graph.upload(account, outgoing)),
        }),
      append,
      traced: tracedAs('send message'),
      now: steadyNow,
      newId: randomUUID,
      alarm: (code, { accountId, providerCode }) => {
        const fields = { code, accountId, providerCode }
        if (code === 'SEND_UNCERTAIN') uncertain.add(1)
        else if (code === 'SEND_RESENT') resent.add(1)
        if (code === 'CHANNEL_RESUMED') log.info(fields, 'the number sends again')
        else if (code === 'CHANNEL_PAUSED')
          log.error(fields, 'nothing goes out on this number until it is mended')
        else log.warn(fields, 'a message did not go out as it should')
      },
      trouble,
    },
    {
      perSecond: (accountId) => accounts.get(accountId)?.messagesPerSecond ?? settings.messagesPerSecond,
      pair: { burst: settings.pairBurst, perSecond: 1 / settings.pairSeconds },
      attemptsMax: settings.callsMax,
      probeEveryMs: PROBE_EVERY_MS,
      callTimeoutMs: settings.callTimeoutMs,
      resendAfterMs: settings.resendAfterSeconds * 1000,
      receiptWaitMs: settings.receiptWaitMs,
      held: HELD,
    },
  )
  const typing = typingSigns(async ({ accountId, providerMessageId }) => {
    const account = accounts.get(accountId)
    if (account !== undefined) await graph.call(account, 'POST', 'messages', typingRequest(providerMessageId))
  })

  const reader = await runReactor({
    log: eventLog,
    topics,
    types: REACTED_TO,
    name: 'sending',
    namespace,
    db,
    onAssigned: (partitions) => {
      contacts.forgetAddresses()
      return sender.own(partitions, settings.partitions)
    },
    handle: managed(
      append,
      wishesFor,
      actingOn({
        contacts,
        aliases,
        media,
        outbox,
        sender,
        typing,
        onDoubled(messageIds) {
          doubled.add(messageIds.length)
          for (const messageId of messageIds)
            log.error({ code: 'SEND_DOUBLED', messageId }, 'the customer has this message twice')
        },
        now: steadyNow,
      }),
    ),
    ...readerTrouble(log, fault, 'sending'),
  })

  const fetcher = new Fetcher(
    {
      jobs: mediaJobs,
      receive: (job) =>
        receiveFile(
          job,
          {
            store: media,
            open: async (signal) => {
              const contact = await contacts.addressOf(job.contactId)
              const account = contact && accounts.get(contact.accountId)
              if (account === undefined) return { outcome: 'later', reason: 'unknown_number' }
              return downloads.open(account, job.mediaId, signal)
            },
            scan: undefined,
          },
          settings.mediaTimeoutMs,
        ),
      append,
      traced: tracedAs('fetch media'),
      now: Date.now,
      late: ({ messageId, tries }, reason) =>
        log.info({ code: 'MEDIA_NOT_FETCHED', messageId, attempt: tries, reason }, 'a file is fetched later'),
      trouble: (error) => trouble('STORE_UNAVAILABLE', error),
    },
    {
      atOnceMax: settings.mediaFetchesMax,
      timeoutMs: settings.mediaTimeoutMs,
      giveUpAfterMs: settings.mediaGiveUpSeconds * 1000,
    },
  )
  const mediaReader = await runReactor({
    log: eventLog,
    topics,
    types: MEDIA_EVENTS,
    name: 'media',
    gatherMs: 200,
    namespace,
    db,
    handle: async ({ events }) => {
      const wanted = events.map(jobOf).filter((job) => job !== undefined)
      if (wanted.length === 0) return
      await mediaJobs.put(wanted)
      fetcher.wake()
    },
    ...readerTrouble(log, fault, 'media'),
  })
  const readers = { sending: reader, media: mediaReader }
  fetcher.wake()
  const unswept = (error: unknown): void => trouble('STORE_UNAVAILABLE', error)
  void media.sweep().catch(unswept)
  // Not at once: after a long outage what is to be sent is read from the log first.
  const sweeping = new Rounds({
    everyMs: SWEPT_EVERY_MS,
    round: async () => void (await Promise.all([media.sweep(), media.dropUnsent()])),
    onError: unswept,
  })

  const intake = new Intake(
    {
      seen,
      aliases,
      contacts,
      sent: {
        contactsOf: outbox.contactsOf,
        async formerOf(contactId, providerMessageId) {
          const former = await contacts.formerOf(contactId)
          return former.length === 0 ? undefined : outbox.receiverOf(former, providerMessageId)
        },
      },
      append: async (commands, deadParts) => {
        const recordedAt = new Date().toISOString()
        await Promise.all([
          append(commands),
          appendDeadLetters(
            eventLog,
            topics,
            deadParts.map((part) => ({ ...part, source: 'webhook', recordedAt })),
          ),
        ])
        for (const { type, data, actor } of commands)
          if (type === 'RecordDeliveryStatus' && data.status === 'sent')
            receipts.came(actor.id, data.messageId)
      },
      digestOf: profileDigestWith(settings.appSecret),
      newContact: () => timeOrderedId(Date.now(), randomBytes(16)),
      now: Date.now,
      trouble,
    },
    {
      answerWithinMs: ANSWER_WITHIN_MS,
      itemsWaitingMax: 20_000,
      itemsPerRoundMax: 1_000,
      receiptsGatherMs: RECEIPTS_GATHER_MS,
    },
  )
  const app = createHttpServer({ ...httpOf(settings), log })
  webhookRoutes(app, intake, {
    appSecrets: [settings.appSecret],
    verifyTokens: [settings.verifyToken],
    knownAccounts: accounts,
    budget: bodiesBudget(settings.bodiesBytesMax),
    now: Date.now,
    traceparent: currentTraceparent,
    noticed: (code, oddPartCount) =>
      log.warn({ code, oddPartCount }, 'a part of a webhook became a dead letter'),
  })
  const http = await listen(app, host, settings.httpPort)
  const record = auditRecorder(eventLog, namespace, 'gateway')
  const grpc = await startGrpcServer({
    host,
    port: settings.grpcPort,
    services: [
      readerGrpc('gateway', readers, record),
      gatewayGrpc({
        accounts,
        gateOf: (accountId) => sender.gateOf(accountId),
        contact: (contactId) => contacts.presentAddressOf(contactId),
        callBlocking: (account, method, body) => graph.call(account, method, 'block_users', body),
        showTyping: (sign) => typing.show([sign]),
        templatesOf: templateLists(graph),
        append,
        record,
        media: mediaGrpc(media, uploadPieces, { scan: undefined, withoutMetadata }),
        now: Date.now,
        newId: randomUUID,
      }),
    ],
    isReady,
    identity,
    record,
    log,
    permits: permitsOf(roster),
  })

  return [
    [
      mongo,
      { name: 'log', close: () => eventLog.close() },
      { name: 'graph', close: () => graph.close() },
      { name: 'downloads', close: () => downloads.close() },
    ],
    { name: 'typing', drain: () => typing.close(), close: async () => {} },
    readerResources(readers),
    { name: 'sweeping', close: () => sweeping.close() },
    { name: 'fetcher', drain: () => fetcher.drain(), close: async () => {} },
    // Before the partitions go to others: they would take what is on its way for an attempt without an answer.
    { name: 'sender', drain: () => sender.drain(), close: async () => {} },
    { name: 'receipts', drain: () => receipts.drain(), close: async () => {} },
    { name: 'intake', drain: () => intake.drain(), close: async () => {} },
    [http, grpc],
  ]
}

/** Work on a message, in a span that continues the message's trace. */
const tracedAs =
  (name: string) =>
  <Result>(
    {
      traceparent,
      messageId,
      conversationId,
    }: { readonly traceparent: string; readonly messageId: string; readonly conversationId: string },
    work: () => Promise<Result>,
  ): Promise<Result> =>
    withSpan(
      name,
      {
        traceparent,
        attributes: { 'parley.message_id': messageId, 'parley.conversation_id': conversationId },
      },
      work,
    )
