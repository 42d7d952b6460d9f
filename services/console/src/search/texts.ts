import { useSurroundings } from '../screen/work.tsx'
import type { Language } from '../state/written-language.ts'

const en = {
  title: 'Search',
  words: 'Words',
  wordsHint:
    'Whole words, all of them, said by anybody or in the customer’s name; card* finds words that begin so. They stand in no address: who opens this address anew writes them again.',
  agent: 'Who had it',
  reason: 'Closed for',
  score: 'Customer’s answer to the survey',
  judged: 'Judged',
  scores: (below: string) => `below ${below}`,
  any: 'Any',
  find: 'Search',
  found: (count: string, isMore: boolean) => (isMore ? `The newest ${count}` : `${count} found`),
  nothing: 'Nothing found.',
  nothingHint:
    'Ask for less: fewer words, a longer time, no queue. What is masked or was deleted is not found.',
  more: 'Show older ones',
  opened: 'Opened',
  closed: 'Closed',
  readAlong: 'Read',
  transcript: 'Transcript',
  judge: 'Judge',
  gone: 'Older than 30 days: the transcript has it.',
  counts: (figure: string, isDenominator: boolean) =>
    isDenominator ? `What is counted below the line of: ${figure}` : `What is counted by: ${figure}`,
  countsNoMore: 'Search everything',
  counted: (times: string) => (times === '1' ? 'counted once' : `counted ${times} times`),
  behind: 'What was counted last is still being written: ask again in a moment.',
  others: (all: string, seen: string) =>
    `${all} counted, ${seen} are yours to see: what another team has now is theirs.`,
  times: (times: string) => `counts ${times} times`,
  noName: 'No name',
  results: 'What was found',
}
type SearchTexts = typeof en

const pt: SearchTexts = {
  title: 'Busca',
  words: 'Palavras',
  wordsHint:
    'Palavras inteiras, todas elas, ditas por qualquer um ou no nome do cliente; cart* encontra as que começam assim. Elas não ficam em endereço nenhum: quem abre este endereço de novo as escreve outra vez.',
  agent: 'Quem a teve',
  reason: 'Encerrada por',
  score: 'Resposta do cliente à pesquisa',
  judged: 'Avaliação',
  scores: (below) => `abaixo de ${below}`,
  any: 'Qualquer',
  find: 'Buscar',
  found: (count, isMore) =>
    isMore ? `As ${count} mais recentes` : count === '1' ? '1 encontrada' : `${count} encontradas`,
  nothing: 'Nada foi encontrado.',
  nothingHint:
    'Peça menos: menos palavras, mais tempo, sem fila. O que está mascarado ou foi apagado não é encontrado.',
  more: 'Mostrar mais antigas',
  opened: 'Aberta',
  closed: 'Encerrada',
  readAlong: 'Ler',
  transcript: 'Transcrição',
  judge: 'Avaliar',
  gone: 'Mais de 30 dias: está na transcrição.',
  counts: (figure, isDenominator) =>
    isDenominator ? `O que conta no denominador de: ${figure}` : `O que conta em: ${figure}`,
  countsNoMore: 'Buscar em tudo',
  counted: (times) => (times === '1' ? 'contada uma vez' : `contadas ${times} vezes`),
  behind: 'O que contou por último ainda está sendo gravado: busque de novo em instantes.',
  others: (all, seen) =>
    `${all === '1' ? '1 contada' : `${all} contadas`}, ${seen} ao seu alcance: o que outra equipe tem agora é dela.`,
  times: (times) => `conta ${times} vezes`,
  noName: 'Sem nome',
  results: 'O que foi encontrado',
}

const bn: SearchTexts = {
  title: 'খোঁজ',
  words: 'শব্দ',
  wordsHint:
    'পুরো শব্দ, সবগুলো, যে কেউ বলেছেন বা গ্রাহকের নামে; card* এভাবে শুরু হওয়া শব্দ খোঁজে। শব্দগুলো কোনো ঠিকানায় থাকে না: ঠিকানাটি আবার খুললে আবার লিখতে হয়।',
  agent: 'কার কাছে ছিল',
  reason: 'বন্ধের কারণ',
  score: 'জরিপে গ্রাহকের উত্তর',
  judged: 'মূল্যায়নে',
  scores: (below) => `${below}-এর কম`,
  any: 'যেকোনো',
  find: 'খুঁজুন',
  found: (count, isMore) => (isMore ? `নতুনতম ${count}টি` : `${count}টি পাওয়া গেছে`),
  nothing: 'কিছু পাওয়া যায়নি।',
  nothingHint: 'কম চান: কম শব্দ, দীর্ঘ সময়, সারি ছাড়া। যা ঢাকা বা মোছা তা পাওয়া যায় না।',
  more: 'পুরোনোগুলো দেখান',
  opened: 'শুরু',
  closed: 'বন্ধ',
  readAlong: 'পড়ুন',
  transcript: 'প্রতিলিপি',
  judge: 'মূল্যায়ন',
  gone: '৩০ দিনের বেশি পুরোনো: প্রতিলিপিতে আছে।',
  counts: (figure, isDenominator) => (isDenominator ? `যা ভাজকে গোনা হয়: ${figure}` : `যা গোনা হয়: ${figure}`),
  countsNoMore: 'সবকিছুতে খুঁজুন',
  counted: (times) => `${times} বার গোনা হয়েছে`,
  behind: 'শেষে যা গোনা হয়েছে তা এখনও লেখা হচ্ছে: একটু পরে আবার খুঁজুন।',
  others: (all, seen) => `${all} বার গোনা, আপনি দেখতে পান ${seen}: যা এখন অন্য দলের কাছে, তা তাদের।`,
  times: (times) => `${times} বার গোনা হয়`,
  noName: 'নাম নেই',
  results: 'যা পাওয়া গেছে',
}

const SEARCH_TEXTS: Readonly<Record<Language, SearchTexts>> = { pt, en, bn }

export const useSearchTexts = (): SearchTexts => SEARCH_TEXTS[useSurroundings().settings.language]
