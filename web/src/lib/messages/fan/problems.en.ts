/** What can go wrong with sealed files, in English: for somebody who bought music. */

/** What is wrong, and what to do about it. */
export interface Told {
  readonly sentence: string;
  readonly hint?: string;
}

const told = (sentence: string, hint?: string): Told => (hint === undefined ? { sentence } : { sentence, hint });
const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

const elsewhere = "Download it again, best from elsewhere. If that does not help, ask the artist.";

export const problems = {
  wrongKey: told("The licence key does not open this file, or the file is damaged.", "Every letter, capital and hyphen counts. If the key is right, download the file again."),
  wrongId: told("The licence id or fingerprint does not open this file, or the file is damaged.", "Every letter, capital and hyphen counts. If they are right, download the file again."),
  wrongLicence: told("This licence does not open this file.", "Check the licence id and the fingerprint letter by letter."),
  needsKey: told("Type the licence key first."),
  needsId: told("Type the licence id first."),
  notById: told("This file is opened with a licence key, not with a licence id."),
  ended: (day: string) =>
    told(`The artist let this licence end on ${day}.`, "The date is a request written into the file, not a lock: your key still opens it. The artist asks you to renew instead."),
  copyOver: told("The time this copy was made for is over.", "It carries keys for certain days only. Ask where you got it for a copy of today, or look at the date of your device."),
  copyNotBegun: told("The time this copy was made for has not begun.", "Look at the date of your device. If it is right, come back later."),
  truncated: told("The file ends too early: part of it is missing.", "The download probably broke off. Download it again."),
  notSealed: told("This is not a sealed file.", "Choose the file you were given; its name often ends in .smsg."),
  textTwice: told("This file was turned into text twice.", "The shop or mail program that sent it made a mistake. Ask for it as a plain .smsg file."),
  badText: told("This looks like a sealed file that was turned into text, but the text is damaged.", "Letters are missing or were changed, as mail programs do. Ask for it as a plain .smsg file."),
  otherKind: told("This file is of a newer or other kind than this page can open.", "Load this page anew while online, then try again."),
  tooMuch: told("This file unpacks to more than this page is willing to take.", "It may be a trap, or very large. The program can be told to take more: osp unseal."),
  noRoom: told("This browser has no room for what is in the file.", "Free some space, leave private browsing, or use the program: osp unseal."),
  serverRefused: (status: number) => told(`The server does not give out the file (it answered ${status}).`, "Check the address, or ask who gave it to you."),
  notFetched: told(
    "The file could not be fetched from this address.",
    "You may be offline, the address may be wrong, or its server does not let other pages read it (CORS). Download the file and open it here.",
  ),
  changed: told("The file changed while it was being read.", "Choose it again."),
  damaged: told("The file is damaged, or was made wrongly.", "Download it again. If that does not help, ask the artist for another copy."),
  stopped: told("Stopped."),
  /** `said`: what the program says, which is in English. */
  unknown: (said: string | undefined) => told("The file could not be opened.", said || undefined),
  typing: (said: string | undefined) => told("There is a mistake in the key.", said && `${capital(said)}.`),
  notAKey: told("This is not a licence key.", "A key has the artist's letters, then groups of four. Copy it as you were given it."),
  otherFile: told("This licence is for another file.", "Choose the licence that was sold with this one."),
  badLicence: told("The licence in the link is damaged.", "Copy the whole link again: parts of it were lost."),
  badGrant: told("The key is right, but what it leads to is not.", "The file or the licence was made wrongly. Ask who sold it to you."),
  licenceOver: (day: string) =>
    told(`The artist let this licence end on ${day}.`, "The date is a request of the artist, not a lock: your key still opens it. The artist asks you to renew instead."),
  licenceNotBegun: (day: string) =>
    told(`The artist asks you to wait with this until ${day}.`, "The date is a request of the artist, not a lock. Look at the date of your device, too."),
  badSignature: told("The artist's signature does not fit what is in the file.", `Somebody changed it, or it is damaged. ${elsewhere}`),
  otherArtist: told(
    "This was signed by somebody else than the track's record, so it is not opened.",
    "Anybody can seal bought music anew under a name of their own. Get the file from the artist you mean.",
  ),
  artistUnknown: (said: string | undefined) => told("Who signed this file could not be found out.", said && `${capital(said)}. Try again later.`),
  notSigned: told("Part of this file is not what the artist signed, so it is not played.", elsewhere),
  notLicensed: told("Your licence does not open this part."),
  releaseDamaged: told("The file is damaged, or was made wrongly.", elsewhere),
  needsMore: told("This file needs something that this page does not know yet.", "Load this page anew while online, then try again."),
  absurdWork: told("This file asks for an absurd amount of work to try a passphrase, so it was not tried.", "It was made wrongly, or to do harm."),
  noMemory: told("There is not enough memory to try the passphrase.", "Close other pages, then try again."),
  keyOfOther: told("This key does not open this file.", "Look whether key and file belong together. If a licence file (.smsgl) came with the key, choose that, too."),
  partDamaged: told("Part of this file is damaged, so it is not played.", elsewhere),
};
