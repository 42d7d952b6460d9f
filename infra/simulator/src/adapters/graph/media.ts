import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { graphError } from '../../graph/errors.ts'
import { DOCUMENT_BYTES_MAX, uploadBytesMax } from '../../graph/media-types.ts'
import type { BusinessNumber } from '../../network/numbers.ts'
import type { MediaStore } from '../media-store.ts'
import { AN_ID, type On, READ, WRITE, queryOf, refuse } from './answers.ts'

/** What stands around the file in a multipart body. */
const FORM_BYTES_MAX = 1024 * 1024
export const UPLOAD_BODY_BYTES_MAX = DOCUMENT_BYTES_MAX + FORM_BYTES_MAX

/** Files go up on a number, and come down from the address that their object names. */
export const addMediaCalls = (
  graph: FastifyInstance,
  onNumber: On<BusinessNumber>,
  media: MediaStore,
): void => {
  graph.post(
    `${AN_ID}/media`,
    { ...WRITE, bodyLimit: UPLOAD_BODY_BYTES_MAX },
    onNumber((_, request, reply) => upload(media, request, reply)),
  )
  graph.get('/whatsapp_business/attachments/', READ, (request, reply) => {
    const { mid = '', ext = '', hash = '' } = queryOf(request)
    const stored = media.atDownloadPath(mid, ext, hash)
    return stored === undefined
      ? reply.code(404).send('URL signature expired')
      : reply.type(stored.mimeType).send(stored.bytes)
  })
}

const upload = async (
  media: MediaStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const contentType = request.headers['content-type'] ?? ''
  const refuseUpload = (details: string): FastifyReply => refuse(reply, graphError(100, details))
  if (!contentType.startsWith('multipart/form-data'))
    return refuseUpload('The body must be multipart/form-data.')
  let form: FormData
  try {
    form = await new Response(request.body as Buffer<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData()
  } catch {
    return refuseUpload('The multipart body cannot be read.')
  }
  if ((form.get('messaging_product') ?? queryOf(request)['messaging_product']) !== 'whatsapp')
    return refuseUpload('The parameter messaging_product is required.')
  const file = form.get('file')
  if (!(file instanceof File)) return refuseUpload('The parameter file is required.')
  const named = form.get('type')
  const mimeType = (file.type || (typeof named === 'string' ? named : '')).split(';')[0]?.trim() ?? ''
  const most = uploadBytesMax(mimeType)
  if (most === undefined) return refuseUpload(`Param file must be of a supported type; ${mimeType} is not.`)
  if (file.size > most)
    return refuseUpload(`Param file must have at most ${most} bytes; it has ${file.size}.`)
  const stored = media.add(mimeType, Buffer.from(await file.arrayBuffer()), file.name)
  return reply.send({ id: stored.id })
}
