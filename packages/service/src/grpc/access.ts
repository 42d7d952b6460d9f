/**
 * Everybody who calls by gRPC: our services, `operator` for `npm run stack` and `npm run parley`, and `tool` for programs of others, which
 * may see what an auditor may, and issue and revoke links.
 */
export const CALLERS = ['gateway', 'routing', 'bot', 'agent', 'archive', 'operator', 'tool'] as const
export type Caller = (typeof CALLERS)[number]

/** Metadata: the id of the person for whom a service calls. */
export const PERSON = 'parley-person'

/**
 * Metadata: who is at the terminal, as the audit is to name them, percent-encoded. Only `operator` says it. It proves nothing: whoever
 * holds an operator's keys may write any name, as they may at any terminal.
 */
export const OPERATOR = 'parley-operator'

/** Who calls for a person must name them, and the called service checks what that person may. Others must name nobody. */
export type Standing = 'itself' | 'for a person'
type Permitted = Readonly<Partial<Record<Caller, Standing>>>

/** The one list of who may call what. A server with a method that is not in it does not start. docs/reference/grpc-access.md */
export const GRPC_ACCESS: Readonly<Record<string, Readonly<Record<string, Permitted>>>> = {
  'parley.agent.v1.AgentService': {
    ListWaitingConversations: { tool: 'itself' },
  },
  'parley.agent.v1.PeopleService': {
    DeactivatePerson: { operator: 'itself' },
    ActivatePerson: { operator: 'itself' },
    SetRoles: { operator: 'itself' },
  },
  'parley.archive.v1.ArchiveService': {
    GetTranscript: { agent: 'for a person', tool: 'itself' },
    ListConversations: { agent: 'for a person', tool: 'itself' },
    IssueTranscriptLink: { agent: 'for a person', tool: 'itself' },
    RevokeTranscriptLink: { agent: 'for a person', tool: 'itself' },
  },
  'parley.audit.v1.AuditService': {
    ListEntries: { agent: 'for a person', operator: 'itself', tool: 'itself' },
  },
  'parley.bot.v1.ResponderService': {
    Respond: { bot: 'itself' },
  },
  'parley.gateway.v1.GatewayService': {
    ListChannelAccounts: { agent: 'itself', operator: 'itself', tool: 'itself' },
    BlockContact: { agent: 'for a person', operator: 'itself' },
    UnblockContact: { agent: 'for a person', operator: 'itself' },
    PutUploadPiece: { agent: 'itself' },
    FinishUpload: { agent: 'itself' },
    ReadFile: { agent: 'itself', archive: 'itself' },
    ShowTyping: { agent: 'itself' },
    ListTemplates: { agent: 'itself' },
  },
  'parley.metrics.v1.MetricsService': {
    ReadFigure: { agent: 'for a person', operator: 'itself', tool: 'itself' },
  },
  'parley.reader.v1.ReaderService': {
    ListReaders: { operator: 'itself', tool: 'itself' },
    ListParkedStreams: { operator: 'itself', tool: 'itself' },
    RetryStream: { operator: 'itself' },
    DiscardPoison: { operator: 'itself' },
  },
  'parley.routing.v1.RoutingService': {
    ListPartitions: { operator: 'itself', tool: 'itself' },
  },
  'parley.search.v1.SearchService': {
    SearchConversations: { agent: 'for a person', tool: 'itself' },
  },
}

/** By path, as a call names it: `/parley.archive.v1.ArchiveService/GetTranscript`. A Map, because the text comes from outside. */
const BY_PATH: ReadonlyMap<string, Permitted> = new Map(
  Object.entries(GRPC_ACCESS).flatMap(([service, methods]) =>
    Object.entries(methods).map(([method, permitted]) => [`/${service}/${method}`, permitted] as const),
  ),
)

export function permittedCallers(path: string): Permitted | undefined {
  return BY_PATH.get(path)
}
