#include "imap/render_context.h"

#include "imap/render.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t line_octets = 8000;

}  // namespace

void render_context_update(std::string& out, std::string_view tag, Numbering by, ContextUpdate update,
                           std::span<const ContextPiece> pieces) {
    for (std::size_t i = 0; i < pieces.size();) {
        const std::size_t begin = out.size();
        out += "* ESEARCH (TAG ";
        render_string(out, tag);
        out += by == Numbering::uid ? ") UID " : ") ";
        out += update == ContextUpdate::add_to ? "ADDTO (" : "REMOVEFROM (";
        for (bool first = true; i < pieces.size() && out.size() - begin < line_octets; ++i, first = false) {
            const ContextPiece& piece = pieces[i];
            // At another position than 0 each piece moves what stands behind it: only ranges are united there.
            if (!first && piece.position == 0 && pieces[i - 1].position == 0) {
                out += ',';
            } else {
                if (!first) out += ' ';
                render_number(out, piece.position);
                out += ' ';
            }
            render_number(out, piece.range.first);
            if (piece.range.last == piece.range.first) continue;
            out += ':';
            render_number(out, piece.range.last);
        }
        out += ")\r\n";
    }
}

}  // namespace imaparc::imap
