import { type Mutant, integration, unit } from './mutant.ts'

const GUARD = 'packages/service/src/grpc-guard.ts'
const IDENTITY = 'packages/service/src/grpc-identity.ts'
const guard = (tests: string) => integration('packages/service/src/grpc-guard.integration.test.ts', tests)

/** Nobody gets in whom the list of callers does not name, and nobody learns what is behind the door. */
export const DOORS: readonly Mutant[] = [
  {
    name: 'unknown-methods-told-to-strangers',
    breaks: 'a stranger is not told whether a method exists',
    file: 'packages/service/src/grpc-server.ts',
    before: '  guardUnknownMethods(server, reflection',
    after: '  void (server, reflection',
    caughtBy: guard('nor told whether it exists'),
  },
  {
    name: 'a-token-for-every-service',
    breaks: 'a token is good for the one gRPC service that it names',
    file: IDENTITY,
    before: "audience: [ANY_SERVICE, path.split('/')[1] ?? ''],",
    after: '',
    caughtBy: guard('with a token for another service'),
  },
  {
    name: 'any-caller-may-call-anything',
    breaks: 'a caller may call what the list says, and nothing else',
    file: GUARD,
    before: "permitted === undefined ? 'itself' : permitted[caller]",
    after: "permitted?.[caller] ?? 'itself'",
    caughtBy: guard('exactly when the list says so'),
  },
  {
    name: 'the-person-is-not-asked-about',
    breaks: 'what a person may is asked once more by the service that is called',
    file: 'packages/service/src/grpc-server.ts',
    before: '(await permits?.(person, method.path, call.request)) !== true',
    after: 'person === ""',
    caughtBy: guard('asked once more'),
  },
  {
    name: 'tokens-over-the-network',
    breaks: 'tokens are taken where only this machine can call',
    file: IDENTITY,
    before: 'if (!isLoopback(host))',
    after: 'if (host === undefined)',
    caughtBy: unit('packages/service/src/grpc-identity.unit.test.ts', 'tokens are for one machine'),
  },
  {
    name: 'a-real-secret-in-the-simulator',
    breaks: 'the simulator signs with secrets that were made for it, and with no others',
    file: 'packages/service/src/secret.ts',
    before: 'return secret.startsWith(SIMULATED)',
    after: "return secret !== ''",
    caughtBy: unit('infra/simulator/src/config.unit.test.ts', 'is never used to sign'),
  },
  {
    name: 'secrets-for-everybody',
    breaks: 'a process finds its own secrets in its environment, and no others',
    file: 'infra/stack/src/services.ts',
    before: '!settings.test(variable) || by.includes(name)',
    after: 'by.length > 0',
    caughtBy: unit('infra/stack/src/services.unit.test.ts', 'finds its own secrets'),
  },
  {
    name: 'a-thread-read-without-an-entry',
    breaks: 'nobody is shown what a conversation holds without an entry in the audit',
    file: 'services/agent/src/adapters/desk-routes.ts',
    before: '        opened(signedInOf(request), id),',
    after: '',
    caughtBy: integration('tests/desk/desk.integration.test.ts', 'holds without an entry'),
  },
  {
    name: 'a-stream-watched-without-an-entry',
    breaks: 'whoever watches a conversation on a stream has opened it',
    file: 'services/agent/src/adapters/desk-routes.ts',
    before: 'await opened(signedInOf(request), conversation._id)',
    after: 'void opened',
    caughtBy: integration('tests/desk/desk.integration.test.ts', 'holds without an entry'),
  },
  {
    name: 'later-pages-without-an-entry',
    breaks: 'each page of a transcript that is read by gRPC is an opening',
    file: 'services/archive/src/adapters/archive-grpc.ts',
    before: "await traced('conversation_opened', conversationId, call)",
    after: "if (afterVersion === 0) await traced('conversation_opened', conversationId, call)",
    caughtBy: unit('services/archive/src/adapters/archive-grpc.unit.test.ts', 'each page of a transcript'),
  },
  {
    name: 'refusals-of-people-made-one',
    breaks: 'each refused access of a person is an entry',
    file: 'packages/audit/src/coalescing.ts',
    before: "access_refused: 'of nobody'",
    after: 'access_refused: true',
    caughtBy: unit('services/routing/src/audit/audit.unit.test.ts', 'refused accesses of a person'),
  },
  {
    name: 'what-others-have-is-seen-by-id',
    breaks: 'what another team has is answered as what there is not',
    file: 'services/agent/src/adapters/desk-sight.ts',
    before: 'return conversation !== undefined && sight.sees(conversation) ? conversation : undefined',
    after: 'return conversation',
    caughtBy: unit('tests/access/negative.unit.test.ts', 'what another team has'),
  },
]
