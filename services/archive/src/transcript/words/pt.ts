import { MessageBody } from '@parley/proto/content'
import { readableText } from '../readable-text.ts'
import type { Words } from './words.ts'

const CLOSE_REASONS: ReadonlyMap<string, string> = new Map([
  ['flow_ended', 'o atendimento foi concluído'],
  ['silence', 'ficou sem resposta por algum tempo'],
  ['opted_out', 'o cliente pediu para não receber mais mensagens'],
  ['blocked', 'o contato foi bloqueado'],
  ['merged', 'continua no outro endereço do cliente'],
])
const HANDOVER_REASONS: ReadonlyMap<string, string> = new Map([
  ['requested', 'a pedido'],
  ['robot_failed', 'o assistente não conseguiu responder'],
  ['robot_timeout', 'o assistente não respondeu a tempo'],
  ['notice_not_sent', 'o aviso de privacidade não pôde ser entregue'],
  ['answer_not_sent', 'a resposta do assistente não pôde ser entregue'],
])
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['OUTSIDE_REPLY_WINDOW', 'mais de 24 horas desde a última mensagem do cliente'],
  ['CONTACT_OPTED_OUT', 'o cliente pediu para não receber mensagens'],
  ['CONTACT_BLOCKED', 'o contato está bloqueado'],
])
const STAGES: ReadonlyMap<string, string> = new Map([
  ['with_robot', 'Com o assistente automático'],
  ['waiting', 'Aguardando uma pessoa'],
  ['ending', 'Encerrando'],
  ['closed', 'Encerrada'],
])
const MEDIA: ReadonlyMap<string, string> = new Map([
  ['image', 'Imagem'],
  ['audio', 'Áudio'],
  ['video', 'Vídeo'],
  ['document', 'Documento'],
  ['sticker', 'Figurinha'],
])

const body = {
  media: (type: string, voice: boolean) => (voice ? 'Mensagem de voz' : (MEDIA.get(type) ?? type)),
  location: 'Localização',
  contactCard: 'Contato',
  template: 'Modelo',
  order: 'Pedido',
  form: 'Formulário',
  unsupported: (type: string) =>
    type === ''
      ? 'Mensagem de um tipo que não pode ser mostrado aqui'
      : `Mensagem de um tipo que não pode ser mostrado aqui: ${type}`,
  empty: 'Mensagem sem conteúdo',
}

export const pt: Words = {
  language: 'pt',
  tag: 'pt-BR',
  ownName: 'Português',
  title: 'Registro da conversa',
  about: (company) =>
    `Este é o registro completo de uma conversa com ${company}: tudo o que os dois lados escreveram, em ordem, com a hora em que aconteceu e a hora em que foi gravado. O registro não pode ser alterado: correções e exclusões são acrescentadas a ele. Quem tiver este link pode lê-lo, até que expire.`,
  skipToConversation: 'Ir para a conversa',
  languages: 'Idioma desta página',
  summary: 'Resumo',
  conversation: 'Conversa',
  opened: 'Início',
  closed: 'Fim',
  notClosed: 'Ainda aberta',
  messages: 'Mensagens',
  timeZone: 'Horários em',
  print: 'Imprimir',
  printHint: 'Se a janela de impressão não abriu, use o comando de imprimir do navegador.',
  download: 'Baixar (JSON)',
  backToPage: 'Voltar à página',
  happened: 'Aconteceu',
  recorded: 'gravado',
  author: {
    customer: 'Cliente',
    bot: 'Assistente automático',
    agent: 'Atendente',
    company: 'Empresa, no aplicativo WhatsApp Business',
    system: 'Mensagem automática',
  },
  status: {
    received: 'Recebida',
    queued: 'Aguardando envio',
    uncertain: 'Não confirmada',
    sent: 'Enviada',
    delivered: 'Entregue',
    read: 'Lida',
    failed: 'Não entregue',
  },
  failedBecause: (title, code) => (title === '' ? `Código ${code}.` : `${title} (código ${code}).`),
  uncertainMeans: (attempts, shown) =>
    attempts > 1
      ? `O canal não respondeu a ${shown} tentativas: esta mensagem pode ter chegado mais de uma vez, uma vez ou nenhuma.`
      : 'O canal não respondeu: esta mensagem pode ter chegado ou não.',
  resent: 'Enviada mais uma vez: o canal não tinha respondido à primeira tentativa.',
  doubled:
    'Esta mensagem chegou duas vezes: o canal não tinha respondido à primeira tentativa e aceitou as duas.',
  edited: 'Editada',
  editedAt: (moment) => `Editada pelo cliente, ${moment}. Antes:`,
  editedByCompanyAt: (moment) => `Editada pela empresa, ${moment}. Antes:`,
  before: 'Antes',
  deletedByCustomer: 'O cliente apagou esta mensagem.',
  deletedAt: (moment) => `Apagada pelo cliente, ${moment}.`,
  deletedByCompany: 'A empresa apagou esta mensagem.',
  deletedByCompanyAt: (moment) => `Apagada pela empresa, ${moment}.`,
  reactions: 'Reações',
  forwarded: 'Encaminhada',
  inReplyTo: 'Em resposta a',
  options: 'Opções oferecidas',
  chosen: 'Escolha',
  opensThisRecord: 'O link enviado abre este registro.',
  body,
  stage: (stage) => STAGES.get(stage) ?? stage,
  closeReason: (reason) => CLOSE_REASONS.get(reason) ?? reason,
  lines: {
    conversation_opened: ({ advertisement }) =>
      advertisement === '' ? 'Conversa iniciada' : `Conversa iniciada a partir do anúncio “${advertisement}”`,
    language_chosen: ({ language }, speech) => `Idioma escolhido pelo cliente: ${speech.language(language)}`,
    robot_resumed: () => 'O atendente automático voltou a responder',
    privacy_notice_shown: ({ processors }) =>
      processors.length === 0
        ? 'O aviso de privacidade foi mostrado ao cliente'
        : `O aviso de privacidade foi mostrado ao cliente. Quem trata as mensagens: ${processors.join(', ')}`,
    handed_over: ({ queue, reason }) =>
      `Passada para uma pessoa${queue === '' ? '' : ` (${queue})`}: ${HANDOVER_REASONS.get(reason) ?? reason}`,
    link_issued: ({ expiresAt }, speech) =>
      `Link para este registro emitido, válido até ${speech.moment(expiresAt)}`,
    link_revoked: () => 'Um link para este registro foi revogado',
    conversation_closed: ({ reason }) => `Conversa encerrada: ${CLOSE_REASONS.get(reason) ?? reason}`,
    opted_out: () => 'O cliente pediu para não receber mais mensagens',
    opted_in: () => 'O cliente voltou a aceitar mensagens',
    contact_blocked: () => 'O contato foi bloqueado',
    contact_unblocked: () => 'O contato foi desbloqueado',
    marketing_preference_changed: ({ value }) =>
      value === 'stop'
        ? 'O cliente recusou mensagens de marketing'
        : 'O cliente aceitou mensagens de marketing',
    contact_merged: () => 'Este endereço e outro são do mesmo cliente: continua no outro',
    contact_absorbed: () => 'Outro endereço é do mesmo cliente: continua aqui',
    sending_refused: ({ code }) => `Uma mensagem não foi enviada: ${REFUSALS.get(code) ?? code}`,
    unknown_message_edited: ({ body: edited }) =>
      `O cliente editou uma mensagem que não está neste registro. Novo texto: ${readableText(MessageBody.fromJSON(edited), body)}`,
    unknown_message_revoked: () => 'O cliente apagou uma mensagem que não está neste registro',
    unknown_message_reacted: ({ emoji }) =>
      emoji === ''
        ? 'O cliente retirou a reação a uma mensagem que não está neste registro'
        : `O cliente reagiu com ${emoji} a uma mensagem que não está neste registro`,
  },
  privacy: 'Privacidade',
  privacyLine: (company, processors) =>
    `As mensagens passaram pelo WhatsApp. A Cloud API da Meta as decifra e as entrega a ${company}, que guarda este registro; pessoas, um assistente automático e fornecedores de ${company} podem tratá-las.${processors.length === 0 ? '' : ` Quem trata as mensagens, como informado ao cliente: ${processors.join(', ')}.`}`,
  integrity: 'Integridade',
  integrityLine: (events) =>
    `Este registro se apoia em ${events} eventos, cada um encadeado ao anterior por SHA-256.`,
  lastRecord: 'Impressão digital do último',
  notFoundTitle: 'Este link não é válido',
  notFoundText:
    'Ele pode ter expirado ou sido revogado, ou o endereço está incompleto. Peça um novo link à empresa.',
}
