import { readFileSync } from 'node:fs'

/** The FileDescriptorSet of the whole module, for gRPC server reflection. */
export const fileDescriptorSet: Buffer = readFileSync(new URL('../gen/descriptors.binpb', import.meta.url))
