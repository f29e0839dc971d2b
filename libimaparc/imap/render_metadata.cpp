#include "imap/render_metadata.h"

#include "imap/render.h"

namespace imaparc::imap {

// metadata-resp = "METADATA" SP mailbox SP (entry-values / entry-list)
// entry-values = "(" entry-value *(SP entry-value) ")"; entry-value = entry SP value; value = nstring / literal8
void render_metadata(std::string& out, std::string_view path, NameForm form, std::span<const MetadataEntry> entries) {
    if (entries.empty()) return;
    out += "* METADATA ";
    render_mailbox(out, path, form);
    char before = '(';
    out += ' ';
    for (const auto& entry : entries) {
        out += before;
        before = ' ';
        render_astring(out, entry.name);
        out += ' ';
        render_nstring(out, entry.value ? message::Nstring(*entry.value) : std::nullopt);
    }
    out += ")\r\n";
}

// myrights-data = "MYRIGHTS" SP mailbox SP rights
void render_my_rights(std::string& out, std::string_view path, NameForm form, std::string_view rights) {
    out += "* MYRIGHTS ";
    render_mailbox(out, path, form);
    out += ' ';
    render_astring(out, rights);
    out += "\r\n";
}

// quota-response = "QUOTA" SP quota-root-name SP quota-list; quota-list = "(" quota-resource *(SP quota-resource) ")"
// quota-resource = resource-name SP resource-usage SP resource-limit
void render_quota(std::string& out, std::string_view root, std::span<const QuotaResource> resources) {
    out += "* QUOTA ";
    render_astring(out, root);
    out += " (";
    for (const auto& resource : resources) {
        if (&resource != resources.data()) out += ' ';
        out += resource.name;
        out += ' ';
        render_number(out, resource.usage);
        out += ' ';
        render_number(out, resource.limit);
    }
    out += ")\r\n";
}

// quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
void render_quota_root(std::string& out, std::string_view path, NameForm form, std::string_view root) {
    out += "* QUOTAROOT ";
    render_mailbox(out, path, form);
    out += ' ';
    render_astring(out, root);
    out += "\r\n";
}

}  // namespace imaparc::imap
