"""Why a file is not kept or not given, and how to mend it. The view puts the name of the file before the sentence."""

from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused


class FileEmpty(Refused):
    message = _("This file is empty. Choose it again, or choose another one.")


class FileTooLarge(Refused):
    """Told the limit, as people say it."""

    def __init__(self, most: str) -> None:
        text = _("This file is larger than %(most)s. Make it smaller, or give it to your VPD adviser in another way.")
        super().__init__(text % {"most": most})


class TooManyFiles(Refused):
    message = _("There are too many files. Keep the most important ones; you can give the rest to your adviser.")


class TooMuchTogether(Refused):
    message = _(
        "Together your files are too large. Keep the most important ones; you can give the rest to your adviser."
    )


class FileKindRefused(Refused):
    message = _("This kind of file cannot be kept here. Make a screenshot of it, or save it as a PDF, and choose that.")


class PageRefused(FileKindRefused):
    message = _("A web page or drawing cannot be kept here. Make a screenshot of it, or print it as a PDF.")


class PdfRefused(FileKindRefused):
    message = _("This PDF does not begin as a PDF does. Open it, print it as a new PDF, and choose that.")


class OfficeFileRefused(FileKindRefused):
    message = _("An office file or an archive (zip) cannot be kept here. Save the document as a PDF and choose that.")


class OutlookFileRefused(FileKindRefused):
    message = _(
        "A mail as .msg, or an old office file, cannot be kept here. Open the mail in Outlook on the web and choose "
        "“Download”: then you get an .eml. Or print it as a PDF."
    )


class ArchiveRefused(FileKindRefused):
    message = _("An archive cannot be kept here. Take the files out of it, and choose them one by one.")


class ProgramRefused(FileKindRefused):
    message = _("This is a program. It is not kept. Did someone send it to you? Do not open it, and call your IT desk.")


class PictureKindRefused(FileKindRefused):
    message = _(
        "This kind of picture cannot be kept here. Save it as JPG, or make a screenshot of it, and choose that."
    )


class VideoKindRefused(FileKindRefused):
    message = _("This kind of sound or video cannot be kept here. Save it as MP4, or sound as MP3, and choose that.")


class FileDamaged(Refused):
    message = _("This file does not open: a part of it is missing. Look whether you can open it, and choose it again.")


class TooManyPixels(Refused):
    message = _("This picture is too large to look at safely. Make a screenshot of it, and choose that.")


class VirusFound(Refused):
    message = _(
        "The virus scanner found something in this file. It is not kept. Do not open it, and call your IT desk."
    )


class FileBrokenOff(Refused):
    message = _("This file did not come in whole. Nothing of it was kept. Choose it again.")


class FileNotKept(Refused):
    message = _("This file could not be kept just now. Send your report without it; you can give it to your adviser.")


class FileCannotBeOpened(Refused):
    message = _(
        "This file cannot be opened: what is stored is not what came in. Ask your administrator for the backup."
    )


class FileHeldBack(Refused):
    message = _(
        "The virus scanner was away when this file came in. It can be opened when the scanner has seen it, mostly "
        "within the hour. If that takes longer, ask your administrator to look at the scanner."
    )


class FileTakenAway(Refused):
    message = _(
        "The virus scanner found something in this file later. It was taken away; its number and time are kept."
    )
