import { MessageBody } from '@parley/proto/content'
import { readableText } from '@parley/conversation'
import { type Speech, type Words, namesOf, ownReason } from './words.ts'

const CLOSE_REASONS: ReadonlyMap<string, string> = new Map([
  ['flow_ended', 'o atendimento foi concluído'],
  ['silence', 'ficou sem resposta por algum tempo'],
  ['opted_out', 'o cliente pediu para não receber mais mensagens'],
  ['blocked', 'o contato foi bloqueado'],
  ['merged', 'continua no outro endereço do cliente'],
  ['left', 'o cliente preferiu não esperar'],
  ['solved', 'o assunto foi resolvido'],
  ['no_answer', 'o cliente não respondeu'],
])
const HANDOVER_REASONS: ReadonlyMap<string, string> = new Map([
  ['requested', 'a pedido'],
  ['robot_failed', 'o robô não conseguiu responder'],
  ['robot_timeout', 'o robô não respondeu a tempo'],
  ['notice_not_sent', 'o aviso de privacidade não pôde ser entregue'],
  ['answer_not_sent', 'a resposta do robô não pôde ser entregue'],
  ['reopened', 'o cliente voltou a escrever logo depois do fim'],
  ['merged', 'continua do outro endereço do cliente'],
])
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['OUTSIDE_REPLY_WINDOW', 'mais de 24 horas desde a última mensagem do cliente'],
  ['CONTACT_OPTED_OUT', 'o cliente pediu para não receber mensagens'],
  ['CONTACT_BLOCKED', 'o contato está bloqueado'],
])
const STAGES: ReadonlyMap<string, string> = new Map([
  ['with_robot', 'Com o robô'],
  ['waiting', 'Aguardando atendente'],
  ['with_agent', 'Com um atendente'],
  ['parked', 'Aguardando o cliente'],
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

const person = (id: string, { agent }: Speech): string => agent(id) ?? 'Um atendente'
const closeReason = (reason: string): string => CLOSE_REASONS.get(reason) ?? ownReason(reason)

const NO_FILE: ReadonlyMap<string, string> = new Map([
  ['gone', 'o WhatsApp já não o tem'],
  ['too_large', 'é grande demais'],
  ['wrong_hash', 'não chegou inteiro'],
  ['wrong_kind', 'não é o que diz ser'],
  ['infected', 'foi encontrado um vírus nele'],
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
    `Este é o registro de uma conversa com ${company}: o que os dois lados escreveram, em ordem. Ele não pode ser alterado: o que for corrigido ou apagado depois é acrescentado a ele. Números de cartão e respostas sensíveis aparecem ocultos. Quem tiver este link pode lê-lo, até que expire.`,
  skipToConversation: 'Ir para a conversa',
  languages: 'Idioma desta página',
  summary: 'Resumo',
  conversation: 'Conversa',
  opened: 'Início',
  closed: 'Fim',
  notClosed: 'Ainda aberta',
  messages: 'Mensagens',
  timeZone: 'Horas do dia',
  worksUntil: 'Este link funciona até',
  print: 'Imprimir ou salvar em PDF',
  printHint: 'Se a janela de impressão não abriu, use o comando de imprimir do navegador.',
  download: 'Baixar para verificação (JSON)',
  downloadHolds:
    'O arquivo traz as mensagens como esta página as mostra e os registros da conversa como foram gravados, byte por byte, para que qualquer pessoa confira que nada foi alterado. De um registro com resposta oculta ou mensagem apagada, e do que as pessoas da empresa escreveram entre si, traz apenas a impressão digital.',
  paperLine: (conversationId, moment) => `Conversa ${conversationId} · como estava em ${moment}`,
  backToPage: 'Voltar à página',
  happened: 'Aconteceu',
  recorded: 'gravado',
  author: {
    customer: 'Cliente',
    bot: 'Robô',
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
  downloadFile: 'Baixar o arquivo',
  fileUnavailable: (reason) => {
    const why = NO_FILE.get(reason) ?? 'não foi possível obtê-lo'
    return `O arquivo não está aqui: ${why}.`
  },
  stage: (stage) => STAGES.get(stage) ?? stage,
  closeReason,
  lines: {
    conversation_opened: ({ advertisement }) =>
      advertisement === '' ? 'Conversa iniciada' : `Conversa iniciada a partir do anúncio “${advertisement}”`,
    language_chosen: ({ language }, speech) => `Idioma escolhido pelo cliente: ${speech.language(language)}`,
    robot_resumed: () => 'O robô voltou a responder',
    privacy_notice_shown: ({ processors }) =>
      processors.length === 0
        ? 'O aviso de privacidade foi mostrado ao cliente'
        : `O aviso de privacidade foi mostrado ao cliente. Quem trata as mensagens: ${namesOf(processors)}`,
    handed_over: ({ reason }) => `Passada para um atendente: ${HANDOVER_REASONS.get(reason) ?? reason}`,
    agent_began: ({ agentId }, speech) => `${person(agentId, speech)} da empresa escreveu primeiro`,
    queued: ({ queue }) => `Aguardando atendente, na fila “${queue}”`,
    call_back_chosen: () => 'O cliente preferiu receber uma mensagem quando o atendimento abrir',
    taken_over: ({ agentId, fromAgentId }, speech) => {
      const who = person(agentId, speech)
      if (fromAgentId === '') return `${who} assumiu a conversa`
      return fromAgentId === agentId
        ? `${who} retomou a conversa`
        : `${who} assumiu a conversa no lugar de ${speech.agent(fromAgentId) ?? 'outro atendente'}`
    },
    requeued: ({ queue, fromAgentId, isTransfer }, speech) => {
      if (isTransfer) return `${person(fromAgentId, speech)} passou a conversa para a fila “${queue}”`
      return fromAgentId === ''
        ? `A conversa passou para a fila “${queue}”`
        : `A conversa voltou a aguardar, na fila “${queue}”`
    },
    returned_to_robot: ({ agentId }, speech) => `${person(agentId, speech)} devolveu a conversa ao robô`,
    hold_began: ({ agentId }, speech) => `${person(agentId, speech)} colocou a conversa em espera`,
    hold_ended: ({ agentId }, speech) => `${person(agentId, speech)} tirou a conversa da espera`,
    parked: ({ agentId, until }, speech) =>
      until === ''
        ? `${person(agentId, speech)} deixou a conversa à parte até o cliente escrever`
        : `${person(agentId, speech)} deixou a conversa à parte até ${speech.moment(until)}`,
    agent_ended: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} encerrou o atendimento: ${closeReason(reason)}`,
    link_issued: ({ expiresAt }, speech) =>
      `Link para este registro emitido, válido até ${speech.moment(expiresAt)}`,
    link_revoked: () => 'Um link para este registro foi revogado',
    agent_closed: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} encerrou a conversa: ${closeReason(reason)}`,
    conversation_closed: ({ reason }) => `Conversa encerrada: ${closeReason(reason)}`,
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
  privacyLine: (company) =>
    `As mensagens passaram pelo WhatsApp. A Meta, que o opera, as decifra e as entrega a ${company}: até ali a conversa não é criptografada de ponta a ponta. Um robô e pessoas de ${company} as leem e respondem, e ${company} guarda este registro.`,
  processorsLine: 'Como foi informado ao cliente, as mensagens também passam por:',
  processor: (role, name) =>
    new Map([
      ['channel', `${name}, que entrega as mensagens`],
      ['hosting', `${name}, que cuida dos computadores`],
      ['ai_vendor', `${name}, cuja inteligência artificial ajuda a responder`],
      ['staffing_vendor', `${name}, que tem pessoas que leem e respondem`],
    ]).get(role),
  integrity: 'Nada foi alterado',
  integrityLine: (records) =>
    `Esta conversa está guardada em ${records} registros. Cada um traz a impressão digital (SHA-256) do anterior, de modo que a última vale por todos. Uma só hora aparece quando a mensagem foi gravada até um minuto depois de acontecer; o arquivo para baixar traz as duas, em milissegundos.`,
  fingerprintAtClosing: 'Impressão digital no encerramento',
  fingerprintSoFar: 'Impressão digital até agora',
  linksAndViews: 'Links para este registro e acessos',
  viewed: 'Aberto',
  viewsBefore: (count) => `Acessos anteriores a estes: ${count}`,
  openedTooOften: 'Este registro foi aberto vezes demais. Tente de novo em um minuto.',
  beingWritten: 'Este registro está sendo gravado. Tente de novo em instantes.',
  notFoundTitle: 'Este link não é válido',
  notFoundText:
    'Ele pode ter expirado ou sido revogado, ou o endereço está incompleto. Peça um novo link à empresa.',
}
