import { MessageBody } from '@parley/proto/content'
import { readableText } from '@parley/conversation'
import { type Speech, type Words, namesOf, ownReason } from './words.ts'

const CLOSE_REASONS: ReadonlyMap<string, string> = new Map([
  ['flow_ended', 'সেবা সম্পন্ন হয়েছে'],
  ['silence', 'কিছু সময় কোনো উত্তর আসেনি'],
  ['opted_out', 'গ্রাহক আর বার্তা না পাঠাতে বলেছেন'],
  ['blocked', 'পরিচিতিটি ব্লক করা হয়েছে'],
  ['merged', 'গ্রাহকের অন্য ঠিকানায় চলছে'],
  ['left', 'গ্রাহক অপেক্ষা করতে চাননি'],
  ['solved', 'বিষয়টির সমাধান হয়েছে'],
  ['no_answer', 'গ্রাহক উত্তর দেননি'],
])
const HANDOVER_REASONS: ReadonlyMap<string, string> = new Map([
  ['requested', 'অনুরোধ অনুযায়ী'],
  ['robot_failed', 'রোবট উত্তর দিতে পারেনি'],
  ['robot_timeout', 'রোবট সময়মতো উত্তর দেয়নি'],
  ['notice_not_sent', 'গোপনীয়তার বিজ্ঞপ্তি পৌঁছানো যায়নি'],
  ['answer_not_sent', 'রোবটের উত্তর পৌঁছানো যায়নি'],
  ['reopened', 'শেষ হওয়ার অল্প পরেই গ্রাহক আবার লিখেছেন'],
  ['merged', 'গ্রাহকের অন্য ঠিকানা থেকে চলছে'],
])
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['OUTSIDE_REPLY_WINDOW', 'গ্রাহকের শেষ বার্তার পর ২৪ ঘণ্টার বেশি পেরিয়ে গেছে'],
  ['CONTACT_OPTED_OUT', 'গ্রাহক বার্তা না পাঠাতে বলেছেন'],
  ['CONTACT_BLOCKED', 'পরিচিতিটি ব্লক করা আছে'],
])
const STAGES: ReadonlyMap<string, string> = new Map([
  ['with_robot', 'রোবটের সঙ্গে'],
  ['waiting', 'একজন এজেন্টের অপেক্ষায়'],
  ['with_agent', 'একজন এজেন্টের সঙ্গে'],
  ['parked', 'গ্রাহকের অপেক্ষায়'],
  ['ending', 'শেষ হচ্ছে'],
  ['closed', 'সমাপ্ত'],
])
const MEDIA: ReadonlyMap<string, string> = new Map([
  ['image', 'ছবি'],
  ['audio', 'অডিও'],
  ['video', 'ভিডিও'],
  ['document', 'নথি'],
  ['sticker', 'স্টিকার'],
])

const person = (id: string, { agent }: Speech): string => agent(id) ?? 'একজন এজেন্ট'
const closeReason = (reason: string): string => CLOSE_REASONS.get(reason) ?? ownReason(reason)

const NO_FILE: ReadonlyMap<string, string> = new Map([
  ['gone', 'হোয়াটসঅ্যাপে এটি আর নেই'],
  ['too_large', 'এটি খুব বড়'],
  ['wrong_hash', 'এটি সম্পূর্ণ পৌঁছায়নি'],
  ['wrong_kind', 'এটি যা বলে তা নয়'],
  ['infected', 'এতে ভাইরাস পাওয়া গেছে'],
])

const body = {
  media: (type: string, voice: boolean) => (voice ? 'ভয়েস বার্তা' : (MEDIA.get(type) ?? type)),
  location: 'অবস্থান',
  contactCard: 'পরিচিতি',
  template: 'টেমপ্লেট',
  order: 'অর্ডার',
  form: 'ফর্ম',
  unsupported: (type: string) =>
    type === '' ? 'এই ধরনের বার্তা এখানে দেখানো যায় না' : `এই ধরনের বার্তা এখানে দেখানো যায় না: ${type}`,
  empty: 'বিষয়বস্তু ছাড়া বার্তা',
}

export const bn: Words = {
  language: 'bn',
  tag: 'bn-BD',
  ownName: 'বাংলা',
  title: 'কথোপকথনের রেকর্ড',
  about: (company) =>
    `এটি ${company}-এর সঙ্গে একটি কথোপকথনের রেকর্ড: দুই পক্ষ যা লিখেছে, ক্রমানুসারে। রেকর্ড বদলানো যায় না: পরে যা সংশোধন করা বা মুছে ফেলা হয় তা এতে যোগ হয়। কার্ডের নম্বর ও সংবেদনশীল উত্তর আড়াল করা থাকে। মেয়াদ শেষ না হওয়া পর্যন্ত এই লিংক যাঁর কাছে আছে তিনি এটি পড়তে পারেন।`,
  skipToConversation: 'কথোপকথনে যান',
  languages: 'এই পৃষ্ঠার ভাষা',
  summary: 'সারসংক্ষেপ',
  conversation: 'কথোপকথন',
  opened: 'শুরু',
  closed: 'শেষ',
  notClosed: 'এখনও চলছে',
  messages: 'বার্তা',
  timeZone: 'সময়',
  worksUntil: 'এই লিংকের মেয়াদ',
  print: 'প্রিন্ট বা PDF হিসেবে সংরক্ষণ',
  printHint: 'প্রিন্টের জানালা না খুললে ব্রাউজারের প্রিন্ট নির্দেশ ব্যবহার করুন।',
  download: 'যাচাইয়ের জন্য ডাউনলোড (JSON)',
  downloadHolds:
    'ডাউনলোডে বার্তাগুলো এই পৃষ্ঠায় যেমন দেখানো হয়েছে তেমনই থাকে, আর থাকে কথোপকথনের সংরক্ষিত রেকর্ডগুলো হুবহু, যাতে যে কেউ যাচাই করতে পারেন যে কিছুই বদলানো হয়নি। যে রেকর্ডে আড়াল করা উত্তর বা মুছে ফেলা বার্তা আছে, আর প্রতিষ্ঠানের লোকজন নিজেদের মধ্যে যা লিখেছেন, তার শুধু ডিজিটাল ছাপ থাকে।',
  paperLine: (conversationId, moment) => `কথোপকথন ${conversationId} · ${moment} পর্যন্ত`,
  backToPage: 'পৃষ্ঠায় ফিরে যান',
  happened: 'ঘটেছে',
  recorded: 'নথিভুক্ত',
  author: {
    customer: 'গ্রাহক',
    bot: 'রোবট',
    agent: 'এজেন্ট',
    company: 'প্রতিষ্ঠান, WhatsApp Business অ্যাপে',
    system: 'স্বয়ংক্রিয় বার্তা',
  },
  status: {
    received: 'গৃহীত',
    queued: 'পাঠানোর অপেক্ষায়',
    uncertain: 'নিশ্চিত নয়',
    sent: 'পাঠানো হয়েছে',
    delivered: 'পৌঁছেছে',
    read: 'পড়া হয়েছে',
    failed: 'পৌঁছায়নি',
  },
  failedBecause: (title, code) => (title === '' ? `কোড ${code}।` : `${title} (কোড ${code})।`),
  uncertainMeans: (attempts, shown) =>
    attempts > 1
      ? `চ্যানেল ${shown}টি চেষ্টার কোনোটিরই উত্তর দেয়নি: এই বার্তা একাধিকবার, একবার বা একবারও না পৌঁছে থাকতে পারে।`
      : 'চ্যানেল কোনো উত্তর দেয়নি: এই বার্তা পৌঁছে থাকতেও পারে, নাও পারে।',
  resent: 'আবার পাঠানো হয়েছে: চ্যানেল প্রথম চেষ্টার কোনো উত্তর দেয়নি।',
  doubled: 'এই বার্তা দুবার পৌঁছেছে: চ্যানেল প্রথম চেষ্টার উত্তর দেয়নি, কিন্তু দুটিই গ্রহণ করেছে।',
  edited: 'সম্পাদিত',
  editedAt: (moment) => `গ্রাহক সম্পাদনা করেছেন, ${moment}। আগে ছিল:`,
  editedByCompanyAt: (moment) => `প্রতিষ্ঠান সম্পাদনা করেছে, ${moment}। আগে ছিল:`,
  before: 'আগে',
  deletedByCustomer: 'গ্রাহক এই বার্তা মুছে ফেলেছেন।',
  deletedAt: (moment) => `গ্রাহক মুছে ফেলেছেন, ${moment}।`,
  deletedByCompany: 'প্রতিষ্ঠান এই বার্তা মুছে ফেলেছে।',
  deletedByCompanyAt: (moment) => `প্রতিষ্ঠান মুছে ফেলেছে, ${moment}।`,
  reactions: 'প্রতিক্রিয়া',
  forwarded: 'ফরোয়ার্ড করা',
  inReplyTo: 'যার উত্তরে',
  options: 'দেওয়া বিকল্প',
  chosen: 'বেছে নেওয়া',
  opensThisRecord: 'পাঠানো লিংকটি এই রেকর্ড খোলে।',
  body,
  downloadFile: 'ফাইলটি ডাউনলোড করুন',
  fileUnavailable: (reason) => {
    const why = NO_FILE.get(reason) ?? 'এটি আনা যায়নি'
    return `ফাইলটি এখানে নেই: ${why}।`
  },
  stage: (stage) => STAGES.get(stage) ?? stage,
  closeReason,
  lines: {
    conversation_opened: ({ advertisement }) =>
      advertisement === '' ? 'কথোপকথন শুরু হয়েছে' : `“${advertisement}” বিজ্ঞাপন থেকে কথোপকথন শুরু হয়েছে`,
    language_chosen: ({ language }, speech) => `গ্রাহক ভাষা বেছে নিয়েছেন: ${speech.language(language)}`,
    robot_resumed: () => 'রোবট আবার উত্তর দিচ্ছে',
    privacy_notice_shown: ({ processors }) =>
      processors.length === 0
        ? 'গ্রাহককে গোপনীয়তার বিজ্ঞপ্তি দেখানো হয়েছে'
        : `গ্রাহককে গোপনীয়তার বিজ্ঞপ্তি দেখানো হয়েছে। বার্তা প্রক্রিয়া করে: ${namesOf(processors)}`,
    handed_over: ({ reason }) => `এজেন্টের কাছে হস্তান্তর: ${HANDOVER_REASONS.get(reason) ?? reason}`,
    agent_began: ({ agentId }, speech) => `প্রতিষ্ঠানের পক্ষ থেকে ${person(agentId, speech)} প্রথমে লিখেছেন`,
    queued: ({ queue }) => `“${queue}” সারিতে একজন এজেন্টের অপেক্ষায়`,
    call_back_chosen: () => 'গ্রাহক চেয়েছেন, সেবা খুললে তাঁকে বার্তা পাঠানো হোক',
    taken_over: ({ agentId, fromAgentId }, speech) => {
      const who = person(agentId, speech)
      if (fromAgentId === '') return `${who} কথোপকথনের দায়িত্ব নিয়েছেন`
      if (fromAgentId === agentId) return `${who} আবার কথোপকথনটি হাতে নিয়েছেন`
      const from = speech.agent(fromAgentId)
      return `${from === undefined ? 'আরেকজনের' : `${from}-এর`} কাছ থেকে ${who} কথোপকথনের দায়িত্ব নিয়েছেন`
    },
    requeued: ({ queue, fromAgentId, isTransfer }, speech) => {
      if (isTransfer) return `${person(fromAgentId, speech)} কথোপকথনটি “${queue}” সারিতে পাঠিয়েছেন`
      return fromAgentId === '' ? `কথোপকথনটি “${queue}” সারিতে গেছে` : `কথোপকথনটি আবার “${queue}” সারিতে অপেক্ষায়`
    },
    returned_to_robot: ({ agentId }, speech) =>
      `${person(agentId, speech)} কথোপকথনটি রোবটের কাছে ফিরিয়ে দিয়েছেন`,
    hold_began: ({ agentId }, speech) => `${person(agentId, speech)} কথোপকথনটি অপেক্ষায় রেখেছেন`,
    hold_ended: ({ agentId }, speech) => `${person(agentId, speech)} কথোপকথনে ফিরে এসেছেন`,
    parked: ({ agentId, until }, speech) =>
      until === ''
        ? `গ্রাহক না লেখা পর্যন্ত ${person(agentId, speech)} কথোপকথনটি সরিয়ে রেখেছেন`
        : `${speech.moment(until)} পর্যন্ত ${person(agentId, speech)} কথোপকথনটি সরিয়ে রেখেছেন`,
    agent_ended: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} কথোপকথন শেষ করেছেন: ${closeReason(reason)}`,
    link_issued: ({ expiresAt }, speech) =>
      `এই রেকর্ডের একটি লিংক দেওয়া হয়েছে, মেয়াদ ${speech.moment(expiresAt)} পর্যন্ত`,
    link_revoked: () => 'এই রেকর্ডের একটি লিংক বাতিল করা হয়েছে',
    agent_closed: ({ agentId, reason }, speech) =>
      `${person(agentId, speech)} কথোপকথন শেষ করেছেন: ${closeReason(reason)}`,
    conversation_closed: ({ reason }) => `কথোপকথন সমাপ্ত: ${closeReason(reason)}`,
    opted_out: () => 'গ্রাহক আর বার্তা না পাঠাতে বলেছেন',
    opted_in: () => 'গ্রাহক আবার বার্তা পেতে সম্মত হয়েছেন',
    contact_blocked: () => 'পরিচিতিটি ব্লক করা হয়েছে',
    contact_unblocked: () => 'পরিচিতিটির ব্লক তুলে নেওয়া হয়েছে',
    marketing_preference_changed: ({ value }) =>
      value === 'stop' ? 'গ্রাহক বিপণন বার্তা বন্ধ করেছেন' : 'গ্রাহক বিপণন বার্তায় সম্মতি দিয়েছেন',
    contact_merged: () => 'এই ঠিকানা ও আরেকটি একই গ্রাহকের: সেখানে চলছে',
    contact_absorbed: () => 'আরেকটি ঠিকানা একই গ্রাহকের: এখানে চলছে',
    sending_refused: ({ code }) => `একটি বার্তা পাঠানো হয়নি: ${REFUSALS.get(code) ?? code}`,
    unknown_message_edited: ({ body: edited }) =>
      `গ্রাহক এমন একটি বার্তা সম্পাদনা করেছেন যা এই রেকর্ডে নেই। নতুন লেখা: ${readableText(MessageBody.fromJSON(edited), body)}`,
    unknown_message_revoked: () => 'গ্রাহক এমন একটি বার্তা মুছেছেন যা এই রেকর্ডে নেই',
    unknown_message_reacted: ({ emoji }) =>
      emoji === ''
        ? 'গ্রাহক এই রেকর্ডে নেই এমন একটি বার্তার প্রতিক্রিয়া ফিরিয়ে নিয়েছেন'
        : `গ্রাহক এই রেকর্ডে নেই এমন একটি বার্তায় ${emoji} প্রতিক্রিয়া দিয়েছেন`,
  },
  privacy: 'গোপনীয়তা',
  privacyLine: (company) =>
    `বার্তাগুলো হোয়াটসঅ্যাপের মাধ্যমে গেছে। মেটা, যারা এটি চালায়, সেগুলো ডিক্রিপ্ট করে ${company}-কে দেয়: সেই পর্যন্ত কথোপকথনটি এন্ড-টু-এন্ড এনক্রিপ্টেড নয়। ${company}-এর একটি রোবট ও এজেন্টরা বার্তা পড়েন ও উত্তর দেন, আর ${company} এই রেকর্ড রাখে।`,
  processorsLine: 'গ্রাহককে যেমন জানানো হয়েছে, বার্তাগুলো আরও যাদের হাত দিয়ে যায়:',
  processor: (role, name) =>
    new Map([
      ['channel', `${name}, যারা বার্তা পৌঁছে দেয়`],
      ['hosting', `${name}, যারা কম্পিউটার চালায়`],
      ['ai_vendor', `${name}, যাদের কৃত্রিম বুদ্ধিমত্তা উত্তর দিতে সাহায্য করে`],
      ['staffing_vendor', `${name}, যাদের এজেন্টরা বার্তা পড়েন ও উত্তর দেন`],
    ]).get(role),
  integrity: 'কিছুই বদলানো হয়নি',
  integrityLine: (records) =>
    `এই কথোপকথন ${records}টি রেকর্ডে রাখা আছে। প্রতিটিতে আগেরটির ডিজিটাল ছাপ (SHA-256) থাকে, তাই শেষ ছাপটিই সবগুলোর প্রমাণ। বার্তা ঘটার এক মিনিটের মধ্যে নথিভুক্ত হলে একটি সময়ই দেখানো হয়; ডাউনলোডে দুটিই মিলিসেকেন্ড পর্যন্ত আছে।`,
  fingerprintAtClosing: 'সমাপ্তির সময় ডিজিটাল ছাপ',
  fingerprintSoFar: 'এখন পর্যন্ত ডিজিটাল ছাপ',
  linksAndViews: 'এই রেকর্ডের লিংক ও দেখা',
  viewed: 'খোলা হয়েছে',
  viewsBefore: (count) => `এর আগে আরও ${count} বার খোলা হয়েছে`,
  openedTooOften: 'এই রেকর্ড খুব বেশিবার খোলা হয়েছে। এক মিনিট পরে আবার চেষ্টা করুন।',
  beingWritten: 'এই রেকর্ড লেখা হচ্ছে। একটু পরে আবার চেষ্টা করুন।',
  notFoundTitle: 'এই লিংকটি বৈধ নয়',
  notFoundText: 'মেয়াদ শেষ বা বাতিল হয়ে থাকতে পারে, অথবা ঠিকানাটি অসম্পূর্ণ। প্রতিষ্ঠানের কাছে নতুন লিংক চান।',
}
