#pragma once
#include <patron/testing/simulation.hpp>

#include <boost/assert.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::testing {

namespace detail {

/// A stream of random numbers, 8 bytes wide: one for each customer, so that customers don't disturb each other.
/// SplitMix64 after Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class dice {
public:
    explicit constexpr dice(std::uint64_t seed) noexcept : state_{seed} {}

    constexpr std::uint64_t next() noexcept {
        auto z = state_ += 0x9E37'79B9'7F4A'7C15U;
        z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBU;
        return z ^ (z >> 31U);
    }
    /// 0 … bound - 1. The bias is below bound / 2^32.
    constexpr std::int64_t below(std::int64_t bound) noexcept {
        return static_cast<std::int64_t>(((next() >> 32U) * static_cast<std::uint64_t>(bound)) >> 32U);
    }
    constexpr int between(int low, int high) noexcept { return low + static_cast<int>(below(high - low + 1)); }
    /// True in `permille` of 1 000 cases.
    constexpr bool chance(int permille) noexcept { return below(1000) < permille; }
    /// Around `mean`, from nothing to twice as much: the sum of three uniform parts.
    constexpr std::int64_t around(std::int64_t mean) noexcept {
        return mean * (below(1001) + below(1001) + below(1001)) / 1500;
    }
    template <class T, std::size_t N>
    constexpr T const& one_of(std::array<T, N> const& all) noexcept {
        return all[static_cast<std::size_t>(below(static_cast<std::int64_t>(N)))];
    }

private:
    std::uint64_t state_;
};

using words = std::string_view;

// A fact's reference begins with this, in the order of the kinds.
inline constexpr std::array<words, fact_kind_count> reference_prefixes{
    "CU", "WA", "SO", "OC", "OR", "DN", "RT", "IV", "PR", "CN", "DI", "DS", "CL", "TL", "OV", "RM", "RR",
    "FX", "RA", "RS", "DP", "DR", "ST", "RO", "SP", "CA", "CX", "VI", "SU", "CR", "CK", "CT", "CF", "CB",
    "OP", "AS", "AE", "CO", "BR", "AG", "AT", "GI", "DV", "OF", "OX", "RE", "RN", "RV", "KO"};

inline std::string numbered(words prefix, std::uint64_t number, std::size_t width) {
    auto const digits = std::to_string(number);
    std::string name{prefix};
    name += '-';
    if (digits.size() < width) name.append(width - digits.size(), '0');
    return name += digits;
}

struct place {
    words english, chinese, region;
};
inline constexpr std::array<place, 16> places{{
    {"Shanghai", "上海", "East"},
    {"Hangzhou", "杭州", "East"},
    {"Nanjing", "南京", "East"},
    {"Suzhou", "苏州", "East"},
    {"Ningbo", "宁波", "East"},
    {"Beijing", "北京", "North"},
    {"Tianjin", "天津", "North"},
    {"Qingdao", "青岛", "North"},
    {"Guangzhou", "广州", "South"},
    {"Shenzhen", "深圳", "South"},
    {"Xiamen", "厦门", "South"},
    {"Foshan", "佛山", "South"},
    {"Chengdu", "成都", "West"},
    {"Chongqing", "重庆", "West"},
    {"Xi'an", "西安", "West"},
    {"Wuhan", "武汉", "Central"},
}};
inline constexpr std::array<words, 20> chinese_brands{"华联", "鑫源", "恒信", "永泰", "金桥", "东盛", "瑞丰",
                                                      "嘉禾", "万通", "新海", "宏业", "德润", "博远", "长青",
                                                      "同创", "安平", "明达", "百川", "利民", "佳美"};
inline constexpr std::array<words, 10> chinese_trades{"百货", "贸易", "五金", "建材", "电器",
                                                      "食品", "日化", "机电", "家居", "包装"};
inline constexpr std::array<words, 4> chinese_forms{"有限公司", "股份有限公司", "集团有限公司", "商行"};
inline constexpr std::array<words, 24> english_brands{
    "Northfield", "Harbour",  "Silverline", "Evergreen", "Lakeside",   "Summit",  "Bluestone", "Meridian",
    "Oakridge",   "Riverton", "Stanmore",   "Kestrel",   "Brightwell", "Ashford", "Cedar",     "Granite",
    "Halcyon",    "Juniper",  "Larkhill",   "Moorgate",  "Pinnacle",   "Redwood", "Sterling",  "Westbrook"};
inline constexpr std::array<words, 10> english_trades{"Trading",   "Hardware", "Building Supplies", "Electric",
                                                      "Foods",     "Retail",   "Industrial",        "Home",
                                                      "Packaging", "Wholesale"};
inline constexpr std::array<words, 4> english_forms{"Ltd", "Co., Ltd", "Group", "& Sons"};
inline constexpr std::array<words, 16> family_names{"王", "李", "张", "刘", "陈", "杨", "赵", "黄",
                                                    "周", "吴", "徐", "孙", "马", "朱", "胡", "林"};
inline constexpr std::array<words, 20> given_names{"伟", "芳", "娜", "敏", "静", "丽", "强",   "磊",   "军",   "洋",
                                                   "勇", "艳", "杰", "涛", "明", "超", "秀兰", "建国", "志强", "晓燕"};
inline constexpr std::array<words, 16> first_names{"Anna", "Ben",  "Clara", "David", "Emma", "Frank", "Grace", "Henry",
                                                   "Iris", "Jack", "Laura", "Mark",  "Nora", "Oscar", "Paula", "Simon"};
inline constexpr std::array<words, 16> last_names{"Adams", "Baker",  "Clark", "Dixon", "Ellis", "Foster",
                                                  "Green", "Hayes",  "Irwin", "Jones", "Lewis", "Mason",
                                                  "Owens", "Parker", "Reed",  "Shaw"};
inline constexpr std::array<words, 16> owners{"chen.jie", "lin.fang", "zhao.min", "wu.lei", "sun.tao", "hu.jing",
                                              "zhu.yan",  "xu.bo",    "ma.chao",  "he.li",  "guo.wei", "luo.dan",
                                              "tang.yue", "han.bing", "feng.xue", "cao.kai"};
inline constexpr std::array<words, 7> roles{"buyer",      "user",  "influencer", "initiator",
                                            "gatekeeper", "coach", "decider"};
inline constexpr std::array<words, 6> departments{"purchasing", "sales",      "finance",
                                                  "logistics",  "production", "quality"};
inline constexpr std::array<words, 5> competitors{"Huaxin", "Delta Supply", "东方物资", "Unison", "Kaida"};
inline constexpr std::array<words, 5> survey_aspects{"quality", "delivery", "service", "price", "communication"};
inline constexpr std::array<words, 6> complaint_subjects{"late delivery", "damaged goods", "wrong quantity",
                                                         "invoice error", "quality",       "no answer from service"};
inline constexpr std::array<words, 5> visit_purposes{"review", "new needs", "training", "complaint follow-up",
                                                     "planning"};
inline constexpr std::array<words, 5> visit_results{"order expected", "needs noted", "no change",
                                                    "asks for better service", "compares offers"};
inline constexpr std::array<words, 6> openings{"new product",
                                               "annual supplier evaluation",
                                               "change of buyer",
                                               "incumbent quality failure",
                                               "incumbent service failure",
                                               "cost pressure"};
inline constexpr std::array<words, 5> obstacles{"bound by a contract with the incumbent", "doubts our delivery times",
                                                "price above the incumbent", "no approval as supplier yet",
                                                "buyer does not know us"};
inline constexpr std::array<words, 7> development_steps{"screened",    "contacted",  "needs_analysed", "proposed",
                                                        "negotiating", "contracted", "in_service"};
inline constexpr std::array<words, 4> gift_kinds{"moon_cakes", "tea", "calendar", "dinner"};
inline constexpr std::array<words, 4> channels{"wholesale", "retail", "direct", "online"};
inline constexpr std::array<int, 4> channel_percent{100, 108, 104, 110};

// Permille of the usual month, January first; each trade has one of the four.
inline constexpr std::array<std::array<int, 12>, 4> seasons{{
    {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
    {1250, 600, 950, 950, 950, 900, 850, 900, 1150, 1050, 1150, 1300},      // gifts and holidays
    {800, 650, 1050, 1150, 1200, 1150, 1050, 1000, 1050, 1100, 1000, 800},  // building
    {850, 800, 900, 1000, 1150, 1300, 1350, 1250, 1000, 850, 800, 750},     // summer goods
}};

inline constexpr int product_count = 24;

enum class doing : std::uint8_t {
    courted,    ///< a prospect: talks, no orders
    buying,     ///< orders, with the share on its way to a target
    falling,    ///< buying less, with signs that say why
    mending,    ///< recovering, after what went wrong was handled
    silent,     ///< no orders, nothing said
    parting,    ///< the month in which the relationship is ended
    away,       ///< ended
    returning,  ///< the month in which it comes back
};

/// A part of a life course.
struct chapter {
    doing what;
    int months;
    int share;           ///< permille of the wallet at its end
    int gap = 1000;      ///< permille of the customer's usual gap at its end
    bool signs = false;  ///< signs a strategic agreement in it
};

struct open_order {
    std::uint64_t number;
    std::int64_t amount;
    std::int64_t rest;   ///< to be delivered
    std::int64_t units;  ///< of the product whose stock is reported
    bool cancelled = false;
};
struct open_invoice {
    std::uint64_t number;
    std::uint64_t order;
    std::int64_t open;
    bool disputed = false;
};
struct open_complaint {
    std::uint64_t number;
    enum { raised, acknowledged, acted, confirmed } stage = raised;
};
struct open_agreement {
    std::uint64_t number;
    agreement_kind kind;
};
struct person {
    std::string name;
    words level;
};

/// What happens to a customer on a day to come.
enum class happening : std::uint8_t {
    enrol,
    order,
    deliver,
    cancel,
    reopen_order,
    invoice,
    pay,
    give_back,
    dispute,
    settle_dispute,
    complain,
    acknowledge,
    act,
    confirm,
    reopen_complaint,
    part,
    come_back,
    visit,
    survey,
    add_contact,
    lose_contact,
    competitor,
    breach,
    resale,
    opening,
    develop,
    obstacle,
    clear_obstacle,
    advice,
    heed_advice,
    gift,
    raise_limit,
    review_limit,
    sign,
    end_agreement,
    settle_rebate,
    reserve,
    change_owner,
    refund,
};

struct event {
    std::uint32_t customer;
    happening what;
    std::uint64_t about = 0;  ///< a document's number
    std::int64_t amount = 0;
};

struct customer {
    dice roll{0};
    std::string code, name, territory;
    words region, owner;
    customer_kind kind{};
    std::uint32_t parent = 0;  ///< its index and one; 0 for none
    std::uint8_t channel = 0, season = 0, favourite = 0;
    bool is_chinese = false, lists_lines = false, reports_stock = false, has_deposit = false, delegates = false;
    bool is_new = false;  ///< enrolled on a later day than the first
    bool is_enrolled = false, is_buying = false, has_bought = false, is_away = false;
    int states_wallet_every = 0;  ///< months; 0 for never
    int terms_days = 30;
    int pays_days_after_due = 0;
    int gap_days = 30;
    int gap_now = 1000;       ///< permille of it
    int share = 0;            ///< permille
    std::int64_t wallet = 0;  ///< a usual month, in minor units
    std::int64_t limit = 0;
    std::int64_t deposit = 0;
    std::int64_t bought_this_month = 0;
    std::array<std::int64_t, 3> wallet_of{};  ///< the latest three months, by index modulo 3; negative when unknown
    std::int64_t stock = 0, stock_in = 0;
    std::uint32_t orders_token = 0;  ///< events of an earlier rhythm are void
    std::uint64_t reservation = 0;
    std::int64_t reserved = 0;
    std::uint64_t rebate = 0, next_rebate = 0;
    std::size_t steps = 0;  ///< of development taken
    std::vector<chapter> course;
    std::size_t chapter_at = 0;
    int months_in_chapter = 0;
    bool reopens = false;
    party ends = party::them;
    words end_cause;
    std::vector<open_order> orders;  ///< not wholly delivered; in the order of their dates, as all of these
    std::vector<open_invoice> invoices;
    std::vector<open_complaint> complaints;
    std::vector<open_agreement> agreements;
    std::vector<person> people;
    std::vector<words> doubts;
};

}  // namespace detail

/// All customers, and a calendar of what will happen to them; one day is played at a time.
struct simulation::world {
    explicit world(simulation_options options);

    [[nodiscard]] bool over() const noexcept { return today_ > end_; }
    void play_a_day();

    std::vector<fact> ready;
    std::size_t given = 0;

private:
    using customer = detail::customer;
    using happening = detail::happening;
    using doing = detail::doing;

    // making customers
    void make_customer(std::uint32_t index);
    void choose_course(customer& c) const;
    void enrol(std::uint32_t index, customer& c);

    // the calendar
    void in_days(std::uint32_t index, std::int64_t days, happening what, std::uint64_t about = 0,
                 std::int64_t amount = 0);
    void some_day(std::uint32_t index, customer& c, happening what, std::uint64_t about = 0, std::int64_t amount = 0);
    void begin_month();
    void live_month(std::uint32_t index, customer& c);
    void enter(std::uint32_t index, customer& c);
    void end_month();
    void happen(detail::event const& e);

    // trade
    void next_order(std::uint32_t index, customer& c, std::int64_t days);
    [[nodiscard]] std::int64_t usual_days(customer const& c) const;
    [[nodiscard]] std::int64_t usual_order(customer const& c) const;
    void place_order(std::uint32_t index, customer& c, std::uint64_t token);
    void deliver(std::uint32_t index, customer& c, detail::event const& e);
    void cancel(std::uint32_t index, customer& c, std::uint64_t number);
    void reopen(std::uint32_t index, customer& c, std::uint64_t number);
    void bill(std::uint32_t index, customer& c, std::uint64_t order, std::int64_t amount);
    void pay(std::uint32_t index, customer& c, detail::event const& e);
    void give_back(customer& c, std::uint64_t number);
    void settle_dispute(std::uint32_t index, customer& c, std::uint64_t number);
    void release_reservation(customer& c, std::uint64_t order);
    void set_limit(customer& c, std::string_view reason);
    void report_stock(customer& c);
    void agree_rebate(customer& c);

    // the relationship
    void add_contact(customer& c, detail::words level);
    void lose_contact(std::uint32_t index, customer& c);
    void visit(customer& c);
    void observe_resale(std::uint32_t index, customer& c);
    void complain(std::uint32_t index, customer& c, bool is_neglected);
    void treat_complaint(std::uint32_t index, customer& c, happening how, std::uint64_t number);
    void sign(std::uint32_t index, customer& c, agreement_kind kind);
    void end_agreement(customer& c, std::uint64_t number);
    void part(std::uint32_t index, customer& c);
    void come_back(std::uint32_t index, customer& c);

    // facts
    /// Adds `f` to today's facts; a fact without a document's number takes its reference from a row of its own.
    template <class F>
    void tell(F f) {
        if (f.ref.empty()) f.ref = document<F>(take_number<F>());
        f.at = today_;
        ready.emplace_back(std::move(f));
    }
    template <class F>
    [[nodiscard]] static F of(customer const& c) {
        F f{};
        f.customer = c.code;
        return f;
    }
    /// The name of document `number`, which is the reference of the fact F that brought it.
    template <class F>
    [[nodiscard]] static std::string document(std::uint64_t number) {
        return detail::numbered(detail::reference_prefixes[boost::mp11::mp_find<fact, F>::value], number, 7);
    }
    template <class F>
    std::uint64_t take_number() {
        return ++numbers_[boost::mp11::mp_find<fact, F>::value];
    }
    [[nodiscard]] money amount_of(std::int64_t minor_units) const { return {minor_units, options_.in}; }
    [[nodiscard]] std::int64_t price_of(int product, std::size_t channel) const {
        return prices_[static_cast<std::size_t>(product)] * detail::channel_percent[channel] / 100;
    }
    void set_prices();
    [[nodiscard]] detail::words owner_of(std::int64_t number) const {
        auto const count = std::min<std::int64_t>(detail::owners.size(), 2 + options_.customers / 40);
        return detail::owners[static_cast<std::size_t>(number % count)];
    }

    simulation_options options_;
    day today_, end_;
    std::int64_t unit_ = 1;  ///< minor units of 1
    detail::dice roll_;      ///< for what concerns no customer
    std::vector<customer> customers_;
    std::vector<std::uint32_t> groups_;
    std::vector<std::vector<detail::event>> calendar_;  ///< by days since the first
    std::array<std::int64_t, detail::product_count> prices_{};
    std::array<std::uint64_t, fact_kind_count> numbers_{};
};

// ---- making customers -------------------------------------------------------------------------------------

PATRON_FN simulation::world::world(simulation_options options)
    : options_{options},
      today_{options.from.first()},
      end_{(options.from + (options.months - 1)).last()},
      roll_{options.seed} {
    BOOST_ASSERT(options.customers > 0 && options.months > 0 && !options.in.is_own());
    BOOST_ASSERT(options.activity_percent >= 10 && options.activity_percent <= 1000);
    BOOST_ASSERT(today_ >= first_day && end_ <= last_day);
    for (int d = 0; d < options.in.minor_digits(); ++d) unit_ *= 10;
    calendar_.resize(static_cast<std::size_t>((end_ - today_).count() + 1));
    std::int64_t price = 8 * unit_;
    for (auto& p : prices_) {
        p = price + roll_.below(price / 4);
        price = price * 5 / 4;
    }
    customers_.resize(options.customers);
    for (std::uint32_t i = 0; i < options.customers; ++i) make_customer(i);
}

PATRON_FN void simulation::world::make_customer(std::uint32_t index) {
    auto& c = customers_[index];
    // far apart from its neighbours' streams, and the same in a larger book
    c.roll = detail::dice{options_.seed * 0x2545'F491'4F6C'DD1DU + (index + 1) * 0xD134'2543'DE82'EF95U};
    auto& roll = c.roll;
    c.code = detail::numbered("C", index + 1, 5);
    auto const& place = roll.one_of(detail::places);
    c.territory = place.english;
    c.region = place.region;
    c.owner = owner_of(roll.below(1'000'000));
    c.is_chinese = roll.chance(550);

    // one head of a group in 25; some of those who follow belong to it
    if (index % 25 == 0) {
        c.kind = customer_kind::group;
        groups_.push_back(index);
    } else {
        auto const k = roll.below(100);
        c.kind = k < 38 ? customer_kind::distributor
                        : (k < 68 ? customer_kind::retailer
                                  : (k < 85 ? customer_kind::end_user : customer_kind::key_account));
        if (roll.chance(120))
            c.parent = groups_[static_cast<std::size_t>(roll.below(static_cast<std::int64_t>(groups_.size())))] + 1;
    }
    c.channel =
        c.kind == customer_kind::distributor ? 0 : (c.kind == customer_kind::retailer ? 1 : (roll.chance(250) ? 3 : 2));
    bool const resells = c.channel <= 1;

    bool const is_group = c.kind == customer_kind::group;
    if (c.is_chinese) {
        c.name = place.chinese;
        c.name += roll.one_of(detail::chinese_brands);
        c.name += roll.one_of(detail::chinese_trades);
        c.name += is_group ? detail::chinese_forms[2] : roll.one_of(detail::chinese_forms);
    } else {
        c.name = roll.one_of(detail::english_brands);
        (c.name += ' ') += roll.one_of(detail::english_trades);
        (c.name += ' ') += is_group ? detail::english_forms[2] : roll.one_of(detail::english_forms);
    }

    // a few hold most of the trade: the wallet falls with its rank as 1 / rank does
    bool const is_key = is_group || c.kind == customer_kind::key_account;
    auto const most = c.kind == customer_kind::end_user ? 300'000 : (is_key ? 2'400'000 : 900'000);
    auto const rank = 2 + roll.below(98);
    c.wallet = most / rank * unit_;
    c.gap_days = rank < 8 ? roll.between(7, 14) : (rank < 45 ? roll.between(12, 40) : roll.between(28, 90));
    c.season = static_cast<std::uint8_t>(roll.below(4));
    c.favourite = static_cast<std::uint8_t>(rank < 30 ? roll.below(16) : roll.below(9));
    c.lists_lines = roll.chance(650);
    c.reports_stock = resells && c.lists_lines && roll.chance(600);
    c.has_deposit = resells && roll.chance(350);
    c.delegates = roll.chance(150);
    c.stock = roll.below(60);
    c.states_wallet_every = roll.chance(500) ? (roll.chance(500) ? 1 : 3) : 0;
    c.terms_days = std::array{30, 30, 45, 60, 14}[static_cast<std::size_t>(roll.below(5))];
    auto const habit = roll.below(100);
    c.pays_days_after_due = habit < 15 ? -roll.between(5, 12)
                                       : (habit < 65 ? 0 : (habit < 90 ? roll.between(5, 20) : roll.between(20, 55)));
    c.reopens = roll.chance(500);
    c.ends = roll.chance(650) ? party::them : party::us;
    c.end_cause =
        c.ends == party::them
            ? std::array<detail::words, 3>{"moved to a competitor", "gave up the line of business",
                                           "unsettled complaint"}[static_cast<std::size_t>(roll.below(3))]
            : std::array<detail::words, 3>{"payment", "sells outside its territory",
                                           "repeated price breaches"}[static_cast<std::size_t>(roll.below(3))];
    c.wallet_of.fill(-1);

    c.is_new = c.kind != customer_kind::group && roll.chance(300);
    choose_course(c);
    if (c.is_new)
        in_days(index, 1 + roll.below(std::max<std::int64_t>(1, (end_ - today_).count() * 7 / 10)), happening::enrol);
}

PATRON_FN void simulation::world::choose_course(customer& c) const {
    auto& roll = c.roll;
    // courses are written for two years and stretch with the span
    auto const months = [&](int low, int high) { return std::max(1, roll.between(low, high) * options_.months / 24); };
    bool const is_new = c.is_new;
    constexpr int on_and_on = 100'000;
    auto& course = c.course;
    bool const is_big = c.wallet >= 30'000 * unit_;
    auto const fate = roll.below(1000);
    if (is_new || fate < 90) course.push_back({doing::courted, fate < 90 ? on_and_on : months(1, 7), 0});
    if (fate < 90) return;                          // never won
    if (!is_new) c.share = roll.between(150, 450);  // our customer before the first month
    auto const becomes_main = [&] {
        if (is_new || roll.chance(500)) {
            course.push_back({doing::buying, months(3, 5), roll.between(250, 400)});
        } else {
            c.share = roll.between(540, 640);
        }
        course.push_back({doing::buying, months(3, 5), roll.between(560, 720)});
    };
    if (fate < 330) {  // a second source for as long as we look
        course.push_back({doing::buying, on_and_on, roll.between(150, 430)});
    } else if (fate < 530 || (fate < 720 && fate >= 620 && !is_big)) {  // grows
        course.push_back({doing::buying, months(2, 6), roll.between(250, 400)});
        course.push_back({doing::buying, months(4, 8), roll.between(560, 780)});
        course.push_back({doing::buying, on_and_on, roll.between(560, 780)});
    } else if (fate < 620) {  // a main supplier throughout
        if (!is_new) c.share = roll.between(560, 700);
        course.push_back({doing::buying, on_and_on, roll.between(560, 750)});
    } else if (fate < 720) {  // a partner
        becomes_main();
        course.push_back({doing::buying, on_and_on, roll.between(650, 850), 900, true});
    } else if (fate < 790) {  // stagnates
        becomes_main();
        course.push_back({doing::buying, on_and_on, roll.between(250, 400), 1500});
    } else if (fate < 855) {  // declines into silence
        becomes_main();
        course.push_back({doing::falling, months(5, 9), roll.between(60, 150), 2500});
        course.push_back({doing::silent, on_and_on, 0});
    } else if (fate < 915) {  // declines and recovers
        becomes_main();
        course.push_back({doing::falling, months(3, 5), roll.between(220, 350), 2000});
        course.push_back({doing::mending, months(3, 5), roll.between(560, 700), 1000});
        course.push_back({doing::buying, on_and_on, roll.between(560, 700)});
    } else {  // breaks; half of them come back
        course.push_back({doing::buying, months(3, 8), roll.between(300, 700)});
        if (roll.chance(700)) course.push_back({doing::falling, months(2, 4), roll.between(80, 250), 1800});
        course.push_back({doing::parting, 1, 50, 2000});
        course.push_back({doing::away, roll.chance(550) ? months(3, 7) : on_and_on, 0});
        course.push_back({doing::returning, 1, roll.between(100, 250)});
        course.push_back({doing::buying, on_and_on, roll.between(150, 350)});
    }
}

PATRON_FN void simulation::world::enrol(std::uint32_t index, customer& c) {
    auto f = of<customer_enrolled>(c);
    f.name = c.name;
    f.kind = c.kind;
    // a group's head is enrolled on the first day, before its members
    if (c.parent != 0) f.parent = customers_[c.parent - 1].code;
    f.region = c.region;
    f.territory = c.territory;
    f.owner = c.owner;
    f.currency = options_.in;
    f.terms_days = c.terms_days;
    f.channel = detail::channels[c.channel];
    tell(std::move(f));
    c.is_enrolled = true;
    add_contact(c, "manager");
    if (c.roll.chance(600)) add_contact(c, "staff");
    if (c.has_deposit) {
        auto paid = of<deposit_paid>(c);
        c.deposit = (c.wallet / 10 / (1'000 * unit_) + 1) * 1'000 * unit_;
        paid.amount = amount_of(c.deposit);
        tell(std::move(paid));
    }
    enter(index, c);
}

// ---- the calendar -----------------------------------------------------------------------------------------

PATRON_FN void simulation::world::in_days(std::uint32_t index, std::int64_t days, happening what, std::uint64_t about,
                                          std::int64_t amount) {
    auto on = today_ + std::chrono::days{days};
    std::chrono::weekday const weekday{on};
    if (weekday == std::chrono::Saturday) on += std::chrono::days{2};
    if (weekday == std::chrono::Sunday) on += std::chrono::days{1};
    if (on > end_) return;  // beyond what anyone will see
    calendar_[static_cast<std::size_t>((on - options_.from.first()).count())].push_back({index, what, about, amount});
}

/// Within the month when today is its first day.
PATRON_FN void simulation::world::some_day(std::uint32_t index, customer& c, happening what, std::uint64_t about,
                                           std::int64_t amount) {
    in_days(index, c.roll.below(25), what, about, amount);
}

PATRON_FN void simulation::world::play_a_day() {
    period const month{today_};
    if (today_ == month.first()) begin_month();
    auto& now = calendar_[static_cast<std::size_t>((today_ - options_.from.first()).count())];
    // what happens may add to this very day
    for (std::size_t i = 0; i < now.size(); ++i) happen(detail::event{now[i]});
    std::vector<detail::event>{}.swap(now);
    if (today_ == month.last()) end_month();
    today_ += std::chrono::days{1};
}

PATRON_FN void simulation::world::set_prices() {
    bool const is_first = today_ == options_.from.first();
    for (int product = 0; product < detail::product_count; ++product) {
        auto& list = prices_[static_cast<std::size_t>(product)];
        if (!is_first) list += list * roll_.below(6) / 100;
        for (std::size_t channel = 0; channel < detail::channels.size(); ++channel) {
            supply_price_set f{};
            f.product = detail::numbered("P", static_cast<std::uint64_t>(product) + 1, 3);
            f.channel = detail::channels[channel];
            f.price = amount_of(price_of(product, channel));
            if (channel <= 1) f.floor = amount_of(price_of(product, channel) * 112 / 100);
            tell(std::move(f));
        }
    }
}

PATRON_FN void simulation::world::begin_month() {
    bool const is_first = today_ == options_.from.first();
    if (is_first || period{today_}.month() == std::chrono::January) set_prices();
    for (std::uint32_t i = 0; i < customers_.size(); ++i) {
        auto& c = customers_[i];
        if (is_first && !c.is_new) enrol(i, c);
        if (c.is_enrolled) live_month(i, c);
    }
}

PATRON_FN void simulation::world::enter(std::uint32_t index, customer& c) {
    auto const& now = c.course[c.chapter_at];
    auto& roll = c.roll;
    switch (now.what) {
        case doing::courted: break;
        case doing::buying:
        case doing::mending:
            if (!c.is_buying) {
                c.is_buying = true;
                next_order(index, c,
                           c.has_bought || c.chapter_at > 0 ? 1 + roll.below(20) : roll.below(usual_days(c) + 1));
            }
            if (now.what == doing::mending) {
                int days = 3;
                for (auto const& complaint : c.complaints) {
                    if (complaint.stage == detail::open_complaint::raised)
                        in_days(index, days, happening::acknowledge, complaint.number);
                    in_days(index, days + roll.between(4, 10), happening::act, complaint.number);
                    in_days(index, days + roll.between(20, 27), happening::confirm, complaint.number);
                    ++days;
                }
                in_days(index, roll.between(2, 12), happening::add_contact);
                in_days(index, roll.between(5, 20), happening::visit);
            }
            if (now.signs) {
                add_contact(c, "executive");
                while (c.people.size() < 4) add_contact(c, roll.chance(400) ? "executive" : "manager");
                in_days(index, roll.between(15, 25), happening::sign, 0,
                        static_cast<std::int64_t>(agreement_kind::strategic));
            }
            break;
        case doing::falling:
            in_days(index, roll.between(3, 25), happening::complain, 1);
            in_days(index, roll.between(10, 50), happening::competitor);
            if (roll.chance(600)) in_days(index, roll.between(15, 70), happening::lose_contact);
            break;
        case doing::silent:
            c.is_buying = false;
            ++c.orders_token;
            release_reservation(c, 0);
            break;
        case doing::parting: some_day(index, c, happening::part); break;
        case doing::away: break;
        case doing::returning: some_day(index, c, happening::come_back); break;
    }
}

PATRON_FN void simulation::world::live_month(std::uint32_t index, customer& c) {
    if (c.months_in_chapter >= c.course[c.chapter_at].months && c.chapter_at + 1 < c.course.size()) {
        ++c.chapter_at;
        c.months_in_chapter = 0;
        enter(index, c);
    }
    auto const& now = c.course[c.chapter_at];
    // the share moves evenly to its target, within half a year at most
    auto const left = std::clamp(now.months - c.months_in_chapter, 1, 6);
    if (now.what != doing::courted) c.share += (now.share - c.share) / left;
    c.gap_now += (now.gap - c.gap_now) / left;
    ++c.months_in_chapter;
    if (c.is_away) return;

    auto& roll = c.roll;
    bool const courted = now.what == doing::courted;
    bool const falling = now.what == doing::falling;
    bool const quiet = now.what == doing::silent;
    bool const resells = c.channel <= 1;
    auto const month = period{today_}.month();
    auto const may = [&](bool applies, int permille, happening what) {
        if (applies && roll.chance(permille)) some_day(index, c, what);
    };
    may(true,
        courted ? 450 : (quiet ? 100 : (c.wallet >= 60'000 * unit_ ? 700 : (c.wallet >= 20'000 * unit_ ? 350 : 120))),
        happening::visit);
    may(c.has_bought && !quiet, 90, happening::survey);
    may(!quiet, falling ? 250 : 12, happening::competitor);
    may(c.people.size() > 1, falling ? 60 : 12, happening::lose_contact);
    may(c.people.size() < 5, courted ? 90 : 35, happening::add_contact);
    may(resells && c.has_bought, 8, happening::breach);
    may(resells && c.has_bought, 110, happening::resale);
    may(!quiet && c.share < 500, courted ? 110 : 20, happening::opening);
    may(courted, 350, happening::develop);
    may(courted, 120, happening::obstacle);
    may(!c.doubts.empty(), 400, happening::clear_obstacle);
    may(c.is_buying, 50, happening::advice);
    may(c.has_bought && (month == std::chrono::January || month == std::chrono::September), 150, happening::gift);
    may(c.is_buying && c.limit > 0, 8, happening::raise_limit);
    may(c.is_buying && c.limit > 0, 30, happening::review_limit);
    may(true, 3, happening::change_owner);
    if (c.is_buying && c.share >= 450 && c.agreements.empty() && roll.chance(50)) {
        auto const kind = c.kind == customer_kind::distributor && roll.chance(250) ? agreement_kind::exclusive
                                                                                   : agreement_kind::supply;
        some_day(index, c, happening::sign, 0, static_cast<std::int64_t>(kind));
    }
    if (falling && !c.agreements.empty() && roll.chance(60))
        some_day(index, c, happening::end_agreement, c.agreements.back().number);

    // rebates are agreed for the year, some paid in part at its middle
    if (c.rebate != 0 && month == std::chrono::January)
        in_days(index, roll.between(8, 20), happening::settle_rebate, c.rebate, 1);
    if (c.rebate != 0 && month == std::chrono::July && roll.chance(500))
        in_days(index, roll.between(3, 15), happening::settle_rebate, c.rebate, 0);
    bool const year_begins = month == std::chrono::January || today_ == options_.from.first();
    if (year_begins && c.is_buying && roll.chance(c.wallet * c.share / 1000 >= 15'000 * unit_ ? 600 : 120))
        agree_rebate(c);
}

PATRON_FN void simulation::world::end_month() {
    period const month{today_};
    auto const slot = static_cast<std::size_t>(month.index() % 3);
    for (auto& c : customers_) {
        if (!c.is_enrolled) continue;
        auto const bought = std::exchange(c.bought_this_month, 0);
        if (c.is_away) {
            c.wallet_of.fill(-1);
            continue;
        }
        auto const season = detail::seasons[c.season][static_cast<unsigned>(month.month()) - 1];
        auto const others = c.wallet * season / 1000 * (1000 - c.share) / 1000 * c.roll.between(850, 1150) / 1000;
        c.wallet_of[slot] = bought + others;
        bool const tells = c.course[c.chapter_at].what != doing::silent && (c.has_bought || c.roll.chance(150));
        if (tells && c.states_wallet_every != 0 &&
            (static_cast<int>(static_cast<unsigned>(month.month())) % c.states_wallet_every) == 0) {
            for (int back = c.states_wallet_every - 1; back >= 0; --back) {
                auto const of_month = month - back;
                auto const amount = c.wallet_of[static_cast<std::size_t>(of_month.index() % 3)];
                if (amount < 0) continue;
                auto f = of<wallet_stated>(c);
                f.period = of_month;
                f.amount = amount_of(amount);
                if (back == 0) f.source = c.has_bought ? "customer" : "field survey";
                tell(std::move(f));
            }
        }
        if (c.reports_stock && c.has_bought) report_stock(c);
    }
    if (options_.reviews) {
        review_held f{};
        f.period = month;
        tell(std::move(f));
    }
}

PATRON_FN void simulation::world::happen(detail::event const& e) {
    auto& c = customers_[e.customer];
    auto const index = e.customer;
    auto& roll = c.roll;
    // what was under way when the relationship ended is still invoiced, settled and paid; nothing else goes on
    switch (e.what) {
        case happening::enrol: return enrol(index, c);
        case happening::invoice: return bill(index, c, e.about, e.amount);
        case happening::pay: return pay(index, c, e);
        case happening::settle_dispute: return settle_dispute(index, c, e.about);
        case happening::come_back: return come_back(index, c);
        case happening::settle_rebate: {
            if (c.rebate != e.about) return;
            auto f = of<rebate_settled>(c);
            f.agreement = document<rebate_agreed>(e.about);
            f.kind = e.amount != 0 ? settlement_kind::final_ : settlement_kind::partial;
            if (e.amount != 0) c.rebate = c.next_rebate;
            if (e.amount != 0) c.next_rebate = 0;
            return tell(std::move(f));
        }
        case happening::refund: {
            if (!c.is_away || c.deposit == 0) return;
            auto f = of<deposit_refunded>(c);
            f.amount = amount_of(std::exchange(c.deposit, 0));
            return tell(std::move(f));
        }
        default: break;
    }
    if (c.is_away) return;
    switch (e.what) {
        case happening::order: return place_order(index, c, e.about);
        case happening::deliver: return deliver(index, c, e);
        case happening::cancel: return cancel(index, c, e.about);
        case happening::reopen_order: return reopen(index, c, e.about);
        case happening::give_back: return give_back(c, e.about);
        case happening::dispute: {
            auto const i = std::ranges::find(c.invoices, e.about, &detail::open_invoice::number);
            if (i == c.invoices.end()) return;
            i->disputed = true;
            auto f = of<invoice_disputed>(c);
            f.invoice = document<invoice_issued>(e.about);
            in_days(index, roll.between(10, 50), happening::settle_dispute, e.about);
            return tell(std::move(f));
        }
        case happening::complain: return complain(index, c, e.about != 0);
        case happening::acknowledge:
        case happening::act:
        case happening::confirm:
        case happening::reopen_complaint: return treat_complaint(index, c, e.what, e.about);
        case happening::part: return part(index, c);
        case happening::visit: return visit(c);
        case happening::survey: {
            auto f = of<survey_answered>(c);
            f.aspect = roll.one_of(detail::survey_aspects);
            int const mood = c.course[c.chapter_at].what == doing::falling ? -25 : (c.share >= 500 ? 8 : 0);
            f.expected = decimal{roll.between(65, 90), 1};
            f.perceived = decimal{std::clamp(roll.between(60, 92) + mood, 0, 100), 1};
            return tell(std::move(f));
        }
        case happening::add_contact:
            return add_contact(c, roll.chance(120) ? "executive" : (roll.chance(400) ? "manager" : "staff"));
        case happening::lose_contact: return lose_contact(index, c);
        case happening::competitor: {
            auto f = of<competitor_observed>(c);
            f.competitor = roll.one_of(detail::competitors);
            bool const pressing = c.course[c.chapter_at].what == doing::falling;
            if (roll.chance(850)) f.strength = decimal{pressing ? roll.between(50, 90) : roll.between(10, 40), 2};
            return tell(std::move(f));
        }
        case happening::breach: {
            auto f = of<breach_reported>(c);
            constexpr std::array rules{breach_rule::territory, breach_rule::territory, breach_rule::promotion,
                                       breach_rule::outlet,    breach_rule::payment,   breach_rule::exclusivity};
            f.rule = e.about != 0 ? breach_rule::price : roll.one_of(rules);
            f.severity = std::min(roll.between(1, 5), roll.between(1, 5));
            if (e.about != 0) f.evidence = document<resale_observed>(e.about);
            return tell(std::move(f));
        }
        case happening::resale: return observe_resale(index, c);
        case happening::opening: {
            auto f = of<opening_spotted>(c);
            f.kind = roll.one_of(detail::openings);
            f.until = today_ + std::chrono::days{roll.between(30, 120)};
            return tell(std::move(f));
        }
        case happening::develop: {
            if (c.steps + 2 >= detail::development_steps.size()) return;  // a contract comes with the first order
            auto f = of<development_step>(c);
            f.to = detail::development_steps[c.steps++];
            if (roll.chance(400)) f.evidence = roll.one_of(detail::visit_results);
            return tell(std::move(f));
        }
        case happening::obstacle: {
            auto const doubt = roll.one_of(detail::obstacles);
            if (std::ranges::find(c.doubts, doubt) != c.doubts.end()) return;
            c.doubts.push_back(doubt);
            auto f = of<obstacle_found>(c);
            f.obstacle = doubt;
            f.blocking = roll.chance(400);
            return tell(std::move(f));
        }
        case happening::clear_obstacle: {
            if (c.doubts.empty()) return;
            auto f = of<obstacle_removed>(c);
            f.obstacle = c.doubts.back();
            c.doubts.pop_back();
            return tell(std::move(f));
        }
        case happening::advice: {
            auto f = of<advice_given>(c);
            f.by = c.owner;
            if (roll.chance(600)) in_days(index, roll.between(10, 30), happening::heed_advice);
            return tell(std::move(f));
        }
        case happening::heed_advice: {
            auto f = of<advice_taken>(c);
            f.by = c.owner;
            f.result = roll.chance(800) ? "sold well" : "no effect yet";
            return tell(std::move(f));
        }
        case happening::gift: {
            auto f = of<gift_registered>(c);
            f.amount = amount_of(roll.between(8, 48) * 10 * unit_);
            f.kind = roll.one_of(detail::gift_kinds);
            if (!c.people.empty()) f.person = c.people.front().name;
            return tell(std::move(f));
        }
        case happening::raise_limit: {
            auto f = of<temporary_limit_granted>(c);
            f.amount = amount_of(c.limit + c.limit * roll.between(1, 4) / 10);
            f.until = today_ + std::chrono::days{roll.between(30, 75)};
            f.by = "credit.desk";
            f.reason = "season";
            return tell(std::move(f));
        }
        case happening::review_limit: return set_limit(c, "yearly review");
        case happening::sign: return sign(index, c, static_cast<agreement_kind>(e.amount));
        case happening::end_agreement: return end_agreement(c, e.about);
        case happening::reserve: {
            if (e.about != c.orders_token || !c.is_buying || c.reservation != 0) return;
            c.reservation = take_number<reservation_made>();
            c.reserved = usual_order(c);
            auto f = of<reservation_made>(c);
            f.ref = f.reservation = document<reservation_made>(c.reservation);
            f.amount = amount_of(c.reserved);
            f.until = today_ + std::chrono::days{14};
            return tell(std::move(f));
        }
        case happening::change_owner: {
            c.owner = owner_of(roll.below(1'000'000));
            auto f = of<customer_enrolled>(c);
            f.name = c.name;
            f.owner = c.owner;
            return tell(std::move(f));
        }
        default: return;
    }
}

// ---- trade ------------------------------------------------------------------------------------------------

PATRON_FN std::int64_t simulation::world::usual_days(customer const& c) const {
    return std::max<std::int64_t>(1, std::int64_t{c.gap_days} * c.gap_now / 10 / options_.activity_percent);
}

/// What is due in a usual gap, at the present share and season.
PATRON_FN std::int64_t simulation::world::usual_order(customer const& c) const {
    auto const season = detail::seasons[c.season][static_cast<unsigned>(period{today_}.month()) - 1];
    return c.wallet * season / 1000 * c.share / 1000 * usual_days(c) * 10 / 304;
}

PATRON_FN void simulation::world::next_order(std::uint32_t index, customer& c, std::int64_t days) {
    in_days(index, days, happening::order, c.orders_token);
    if (days >= 5 && c.roll.chance(25)) in_days(index, days - 3, happening::reserve, c.orders_token);
}

PATRON_FN void simulation::world::place_order(std::uint32_t index, customer& c, std::uint64_t token) {
    if (token != c.orders_token || !c.is_buying) return;
    auto& roll = c.roll;
    if (!c.has_bought) {
        c.has_bought = true;
        if (c.steps > 0) {  // whose development was told: the contract, and the service that follows
            for (auto const step : {detail::development_steps[5], detail::development_steps[6]}) {
                auto f = of<development_step>(c);
                f.to = step;
                tell(std::move(f));
            }
        }
        for (auto const doubt : std::exchange(c.doubts, {})) {
            auto f = of<obstacle_removed>(c);
            f.obstacle = doubt;
            tell(std::move(f));
        }
        if (roll.chance(850)) set_limit(c, "first order");
    }

    auto f = of<order_placed>(c);
    auto const target = usual_order(c) * roll.between(600, 1400) / 1000;
    auto const lines = c.lists_lines ? roll.between(1, 4) : 1;
    std::int64_t amount = 0;
    std::int64_t units = 0;
    if (c.lists_lines) f.lines.reserve(static_cast<std::size_t>(lines));
    for (int line = 0; line < lines; ++line) {
        auto const product = line == 0
                                 ? int{c.favourite}
                                 : (c.favourite + line + static_cast<int>(roll.below(5)) * 4) % detail::product_count;
        auto const price = price_of(product, c.channel);
        if (line > 0 && price > target / lines) continue;
        auto const quantity = std::max<std::int64_t>(1, target / lines / price);
        if (line == 0) units = quantity;
        amount += quantity * price;
        if (c.lists_lines) {
            f.lines.push_back({.product = detail::numbered("P", static_cast<std::uint64_t>(product) + 1, 3),
                               .quantity = decimal{quantity, 0},
                               .price = amount_of(price)});
        }
    }
    auto const number = take_number<order_placed>();
    f.ref = f.order = document<order_placed>(number);
    f.amount = amount_of(amount);
    f.cost = amount_of(amount * roll.between(620, 800) / 1000);
    if (c.delegates && roll.chance(400)) f.delegated = true;
    tell(std::move(f));
    c.bought_this_month += amount;
    c.orders.push_back({.number = number, .amount = amount, .rest = amount, .units = units});
    release_reservation(c, number);

    if (roll.chance(8)) {
        auto grant = of<override_granted>(c);
        grant.amount = amount_of(amount);
        grant.by = "credit.manager";
        grant.reason = "order above the limit, payment announced";
        grant.until = today_ + std::chrono::days{14};
        grant.order = document<order_placed>(number);
        tell(std::move(grant));
    }
    auto const falling = c.course[c.chapter_at].what == doing::falling;
    if (roll.chance(falling ? 60 : 25)) {
        in_days(index, roll.between(1, 5), happening::cancel, number);
    } else if (amount > 200 * unit_ && roll.chance(120)) {
        auto const days = roll.between(2, 9);  // on its own: arguments are rolled in no stated order
        in_days(index, days, happening::deliver, number, amount * roll.between(30, 70) / 100);
    } else {
        in_days(index, roll.between(2, 9), happening::deliver, number);
    }
    next_order(index, c, std::max<std::int64_t>(1, roll.around(usual_days(c))));
}

/// `e.amount` of the order, or its rest when zero.
PATRON_FN void simulation::world::deliver(std::uint32_t index, customer& c, detail::event const& e) {
    auto const order = std::ranges::find(c.orders, e.about, &detail::open_order::number);
    if (order == c.orders.end() || order->cancelled) return;
    auto const part = e.amount != 0 ? std::min(e.amount, order->rest) : order->rest;
    auto f = of<goods_delivered>(c);
    f.order = document<order_placed>(e.about);
    if (part != order->amount) f.amount = amount_of(part);
    tell(std::move(f));
    order->rest -= part;
    in_days(index, c.roll.between(0, 3), happening::invoice, e.about, part);
    if (order->rest == 0) {
        c.stock_in += order->units;
        c.orders.erase(order);
    } else if (c.roll.chance(100)) {
        in_days(index, c.roll.between(3, 12), happening::cancel, e.about);
    } else {
        in_days(index, c.roll.between(4, 18), happening::deliver, e.about);
    }
    if (c.roll.chance(c.course[c.chapter_at].what == doing::falling ? 40 : 14))
        in_days(index, c.roll.between(1, 10), happening::complain);
}

PATRON_FN void simulation::world::cancel(std::uint32_t index, customer& c, std::uint64_t number) {
    auto const order = std::ranges::find(c.orders, number, &detail::open_order::number);
    if (order == c.orders.end() || order->cancelled) return;
    auto f = of<order_cancelled>(c);
    f.order = document<order_placed>(number);
    bool const is_whole = order->rest == order->amount;
    if (!is_whole) f.amount = amount_of(order->rest);
    tell(std::move(f));
    c.bought_this_month = std::max<std::int64_t>(0, c.bought_this_month - order->rest);
    if (is_whole && c.is_buying && c.roll.chance(250)) {
        order->cancelled = true;
        in_days(index, c.roll.between(2, 10), happening::reopen_order, number);
    } else {
        c.orders.erase(order);
    }
}

PATRON_FN void simulation::world::reopen(std::uint32_t index, customer& c, std::uint64_t number) {
    auto const order = std::ranges::find(c.orders, number, &detail::open_order::number);
    if (order == c.orders.end() || !order->cancelled) return;
    auto f = of<order_reopened>(c);
    f.order = document<order_placed>(number);
    tell(std::move(f));
    order->cancelled = false;
    c.bought_this_month += order->rest;
    in_days(index, c.roll.between(2, 6), happening::deliver, number);
}

PATRON_FN void simulation::world::bill(std::uint32_t index, customer& c, std::uint64_t order, std::int64_t amount) {
    if (amount == 0) return;
    auto& roll = c.roll;
    auto const number = take_number<invoice_issued>();
    auto f = of<invoice_issued>(c);
    f.ref = f.invoice = document<invoice_issued>(number);
    f.amount = amount_of(amount);
    f.due = today_ + std::chrono::days{c.terms_days};
    f.order = document<order_placed>(order);
    tell(std::move(f));
    c.invoices.push_back({.number = number, .order = order, .open = amount});

    if (roll.chance(20)) in_days(index, roll.between(3, 12), happening::give_back, number);
    if (roll.chance(12)) in_days(index, roll.between(3, 13), happening::dispute, number);
    bool const strained = c.is_away || c.course[c.chapter_at].what == doing::falling;
    if (strained && roll.chance(120)) return;  // it will stay unpaid
    auto days = c.terms_days + c.pays_days_after_due + roll.between(-3, 5) + (strained ? roll.between(10, 45) : 0);
    days = std::max(days, 1);
    if (roll.chance(70)) {
        in_days(index, days, happening::pay, number, amount * roll.between(30, 70) / 100);
        days += roll.between(10, 30);
    }
    in_days(index, days, happening::pay, number);
}

/// `e.amount` of the invoice, or what is open of it when zero.
PATRON_FN void simulation::world::pay(std::uint32_t index, customer& c, detail::event const& e) {
    auto const invoice = std::ranges::find(c.invoices, e.about, &detail::open_invoice::number);
    if (invoice == c.invoices.end()) return;
    if (invoice->disputed) return in_days(index, 20, happening::pay, e.about, e.amount);
    auto f = of<payment_received>(c);
    // now and then money comes without a word, and settles the oldest items
    bool const is_silent = c.roll.chance(40) && std::ranges::none_of(c.invoices, &detail::open_invoice::disputed);
    if (is_silent) {
        f.amount = amount_of(c.invoices.front().open);
        c.invoices.erase(c.invoices.begin());
        in_days(index, 4, happening::pay, e.about, e.amount);
    } else {
        auto const part = e.amount != 0 ? std::min(e.amount, invoice->open) : invoice->open;
        if (part == 0) return;
        f.invoice = document<invoice_issued>(e.about);
        f.amount = amount_of(part);
        invoice->open -= part;
        if (invoice->open == 0) c.invoices.erase(invoice);
    }
    tell(std::move(f));
}

/// Part of what an unpaid invoice bills comes back, and is credited on the day.
PATRON_FN void simulation::world::give_back(customer& c, std::uint64_t number) {
    auto const invoice = std::ranges::find(c.invoices, number, &detail::open_invoice::number);
    if (invoice == c.invoices.end()) return;
    auto const part = invoice->open * c.roll.between(5, 40) / 100;
    if (part == 0) return;
    auto f = of<goods_returned>(c);
    f.amount = amount_of(part);
    f.order = document<order_placed>(invoice->order);
    tell(std::move(f));
    auto note = of<credit_note_issued>(c);
    note.invoice = document<invoice_issued>(number);
    note.amount = amount_of(part);
    tell(std::move(note));
    invoice->open -= part;
    c.bought_this_month = std::max<std::int64_t>(0, c.bought_this_month - part);
}

PATRON_FN void simulation::world::settle_dispute(std::uint32_t index, customer& c, std::uint64_t number) {
    auto const invoice = std::ranges::find(c.invoices, number, &detail::open_invoice::number);
    if (invoice == c.invoices.end() || !invoice->disputed) return;
    invoice->disputed = false;
    auto f = of<dispute_settled>(c);
    f.invoice = document<invoice_issued>(number);
    tell(std::move(f));
    if (auto const part = invoice->open * c.roll.between(5, 30) / 100; part > 0 && c.roll.chance(400)) {
        auto note = of<credit_note_issued>(c);
        note.invoice = document<invoice_issued>(number);
        note.amount = amount_of(part);
        tell(std::move(note));
        invoice->open -= part;
    }
    in_days(index, c.roll.between(5, 15), happening::pay, number);
}

/// `order` took up the reservation; 0 when none did.
PATRON_FN void simulation::world::release_reservation(customer& c, std::uint64_t order) {
    if (c.reservation == 0) return;
    auto f = of<reservation_released>(c);
    f.reservation = document<reservation_made>(std::exchange(c.reservation, 0));
    f.amount = amount_of(std::exchange(c.reserved, 0));
    if (order != 0) f.order = document<order_placed>(order);
    tell(std::move(f));
}

PATRON_FN void simulation::world::set_limit(customer& c, std::string_view reason) {
    auto const step = 1'000 * unit_;
    // what is bought in the time between order and payment, and a half more; 5 000 at least
    auto const need = c.wallet * c.share / 1000 * (c.terms_days + 15 + usual_days(c)) / 30 * 3 / 2;
    c.limit = std::max(5 * step, (need + step - 1) / step * step);
    auto f = of<limit_set>(c);
    bool const trusted = c.kind == customer_kind::key_account && c.roll.chance(80);
    f.amount = trusted ? limit_amount::unlimited() : limit_amount{amount_of(c.limit)};
    f.by = "credit.desk";
    f.reason = reason;
    tell(std::move(f));
}

PATRON_FN void simulation::world::report_stock(customer& c) {
    auto& roll = c.roll;
    auto f = of<stock_reported>(c);
    f.period = period{today_};
    f.product = detail::numbered("P", c.favourite + 1U, 3);
    auto const opening = c.stock;
    auto const purchases = std::exchange(c.stock_in, 0);
    auto const there = opening + purchases;
    auto const slow = c.course[c.chapter_at].what == doing::falling;
    auto const sales = std::min(there, roll.around(there * (slow ? 30 : 50) / 100));
    std::int64_t adjustment = 0;
    if (roll.chance(120)) adjustment = -roll.below((there - sales) / 40 + 2);
    adjustment = std::max(adjustment, sales - there);
    c.stock = there - sales + adjustment;
    f.opening = decimal{opening, 0};
    f.purchases = decimal{purchases, 0};
    f.sales = decimal{sales, 0};
    f.closing = decimal{c.stock, 0};
    if (adjustment != 0) f.adjustment = decimal{adjustment, 0};
    tell(std::move(f));
}

PATRON_FN void simulation::world::agree_rebate(customer& c) {
    auto& roll = c.roll;
    auto const number = take_number<rebate_agreed>();
    // the old year's is settled first
    (c.rebate == 0 ? c.rebate : c.next_rebate) = number;
    auto f = of<rebate_agreed>(c);
    f.ref = f.agreement = document<rebate_agreed>(number);
    f.basis = std::array{rebate_basis::ordered, rebate_basis::delivered, rebate_basis::invoiced, rebate_basis::invoiced,
                         rebate_basis::paid}[static_cast<std::size_t>(roll.below(5))];
    f.method = static_cast<rebate_method>(roll.below(4));
    f.from = today_;
    period const january{period{today_}.year(), std::chrono::January};
    f.until = (january + 11).last();
    auto const step = 10'000 * unit_;
    auto const yearly = c.wallet * c.share / 1000 * 12;
    if (c.lists_lines && roll.chance(170)) {
        if (f.basis == rebate_basis::paid) f.basis = rebate_basis::invoiced;  // payments name no products
        f.by = rebate_measure::quantity;
        f.product = detail::numbered("P", c.favourite + 1U, 3);
        auto const price = price_of(c.favourite, c.channel);
        auto const units = std::max<std::int64_t>(10, yearly / price / 3 / 10 * 10);
        f.bands.push_back({.from = {.by_quantity = true, .units = decimal{units, 0}},
                           .rate = {.per_unit = true, .amount = amount_of(std::max<std::int64_t>(1, price / 100))}});
        f.bands.push_back({.from = {.by_quantity = true, .units = decimal{units * 2, 0}},
                           .rate = {.per_unit = true, .amount = amount_of(std::max<std::int64_t>(2, price / 50))}});
    } else {
        auto const first = std::max(step, yearly / 2 / step * step);
        f.bands.push_back({.from = {.value = amount_of(0)}, .rate = {.percent = decimal{5, 1}}});
        f.bands.push_back({.from = {.value = amount_of(first)}, .rate = {.percent = decimal{roll.between(10, 18), 1}}});
        f.bands.push_back(
            {.from = {.value = amount_of(first * 2)}, .rate = {.percent = decimal{roll.between(20, 35), 1}}});
        if (roll.chance(400)) f.cap = amount_of(std::max(step, yearly / 25 / step * step));
    }
    tell(std::move(f));
}

// ---- the relationship -------------------------------------------------------------------------------------

PATRON_FN void simulation::world::add_contact(customer& c, detail::words level) {
    auto& roll = c.roll;
    std::string name;
    do {
        if (c.is_chinese) {
            name = roll.one_of(detail::family_names);
            name += roll.one_of(detail::given_names);
        } else {
            name = roll.one_of(detail::first_names);
            (name += ' ') += roll.one_of(detail::last_names);
        }
    } while (std::ranges::find(c.people, name, &detail::person::name) != c.people.end());
    auto f = of<contact_added>(c);
    f.person = name;
    f.role = c.people.empty() ? "buyer" : (level == "executive" ? "decider" : roll.one_of(detail::roles));
    // executives sit above the departments that deal with us
    f.department =
        c.people.empty() ? "purchasing" : (level == "executive" ? "management" : roll.one_of(detail::departments));
    f.level = level;
    f.weight = decimal{level == "executive" ? roll.between(6, 10) : roll.between(1, 6), 1};
    f.known_by = c.owner;
    tell(std::move(f));
    c.people.push_back({std::move(name), level});
}

PATRON_FN void simulation::world::lose_contact(std::uint32_t index, customer& c) {
    if (c.people.empty()) return;
    auto const who = c.people.begin() + c.roll.below(static_cast<std::int64_t>(c.people.size()));
    auto f = of<contact_left>(c);
    f.person = who->name;
    tell(std::move(f));
    c.people.erase(who);
    // whoever comes after is known sooner where we are close
    if (c.roll.chance(c.course[c.chapter_at].what == doing::falling ? 250 : 700))
        in_days(index, c.roll.between(10, 40), happening::add_contact);
}

PATRON_FN void simulation::world::visit(customer& c) {
    auto& roll = c.roll;
    auto f = of<visit_made>(c);
    f.by = c.owner;
    if (!c.people.empty()) {
        auto const& host = c.people[static_cast<std::size_t>(roll.below(static_cast<std::int64_t>(c.people.size())))];
        f.person = host.name;
        f.level = host.level;
    }
    f.purpose = c.has_bought ? roll.one_of(detail::visit_purposes) : "introduction";
    if (roll.chance(700)) f.result = roll.one_of(detail::visit_results);
    tell(std::move(f));
}

PATRON_FN void simulation::world::observe_resale(std::uint32_t index, customer& c) {
    auto& roll = c.roll;
    auto const number = take_number<resale_observed>();
    bool const below_floor = roll.chance(80);
    auto f = of<resale_observed>(c);
    f.ref = document<resale_observed>(number);
    f.product = detail::numbered("P", c.favourite + 1U, 3);
    f.price = amount_of(price_of(c.favourite, c.channel) *
                        (below_floor ? roll.between(100, 110) : roll.between(113, 140)) / 100);
    f.territory = roll.chance(930) ? c.territory : std::string{roll.one_of(detail::places).english};
    tell(std::move(f));
    if (below_floor) in_days(index, roll.between(3, 10), happening::breach, number);
}

PATRON_FN void simulation::world::complain(std::uint32_t index, customer& c, bool is_neglected) {
    auto& roll = c.roll;
    auto const number = take_number<complaint_raised>();
    auto f = of<complaint_raised>(c);
    f.ref = f.complaint = document<complaint_raised>(number);
    f.severity = is_neglected ? roll.between(3, 5) : std::min(roll.between(1, 5), roll.between(1, 5));
    f.subject = roll.one_of(detail::complaint_subjects);
    if (c.channel <= 1 && roll.chance(250))
        f.end_customer = detail::numbered("E", static_cast<std::uint64_t>(roll.below(900)) + 100, 3);
    tell(std::move(f));
    c.complaints.push_back({.number = number});
    if (is_neglected && roll.chance(500)) return;
    auto days = roll.between(1, 3);
    in_days(index, days, happening::acknowledge, number);
    if (is_neglected) return;
    days += roll.between(3, 18);
    in_days(index, days, happening::act, number);
    in_days(index, days + roll.between(3, 12), happening::confirm, number);
}

PATRON_FN void simulation::world::treat_complaint(std::uint32_t index, customer& c, happening how,
                                                  std::uint64_t number) {
    using stage = detail::open_complaint;
    auto const complaint = std::ranges::find(c.complaints, number, &detail::open_complaint::number);
    if (complaint == c.complaints.end()) return;
    auto const name = document<complaint_raised>(number);
    auto const say = [&](auto f) {
        f.complaint = name;
        tell(std::move(f));
    };
    if (how == happening::acknowledge && complaint->stage == stage::raised) {
        complaint->stage = stage::acknowledged;
        say(of<complaint_acknowledged>(c));
    } else if (how == happening::act && complaint->stage == stage::acknowledged) {
        complaint->stage = stage::acted;
        say(of<complaint_acted>(c));
    } else if (how == happening::confirm && complaint->stage == stage::acted) {
        say(of<complaint_confirmed>(c));
        if (c.roll.chance(80)) {
            complaint->stage = stage::confirmed;
            in_days(index, c.roll.between(5, 20), happening::reopen_complaint, number);
        } else {
            c.complaints.erase(complaint);
        }
    } else if (how == happening::reopen_complaint && complaint->stage == stage::confirmed) {
        complaint->stage = stage::acknowledged;
        say(of<complaint_reopened>(c));
        in_days(index, c.roll.between(3, 12), happening::act, number);
        in_days(index, c.roll.between(18, 25), happening::confirm, number);
    }
}

PATRON_FN void simulation::world::sign(std::uint32_t index, customer& c, agreement_kind kind) {
    auto const number = take_number<agreement_signed>();
    auto f = of<agreement_signed>(c);
    f.ref = f.agreement = document<agreement_signed>(number);
    f.kind = kind;
    auto const days = kind == agreement_kind::strategic ? 730 : 365;
    f.until = today_ + std::chrono::days{days};
    if (kind == agreement_kind::exclusive) f.territory = c.territory;
    tell(std::move(f));
    c.agreements.push_back({number, kind});
    in_days(index, days, happening::end_agreement, number);
}

PATRON_FN void simulation::world::end_agreement(customer& c, std::uint64_t number) {
    auto const agreement = std::ranges::find(c.agreements, number, &detail::open_agreement::number);
    if (agreement == c.agreements.end()) return;
    auto f = of<agreement_ended>(c);
    f.agreement = document<agreement_signed>(number);
    f.kind = agreement->kind;
    tell(std::move(f));
    c.agreements.erase(agreement);
}

PATRON_FN void simulation::world::part(std::uint32_t index, customer& c) {
    c.is_buying = false;
    ++c.orders_token;
    std::vector<std::uint64_t> open;
    for (auto const& order : c.orders) {
        if (!order.cancelled) open.push_back(order.number);
    }
    for (auto const number : open) cancel(index, c, number);
    c.orders.clear();
    release_reservation(c, 0);
    while (!c.agreements.empty()) end_agreement(c, c.agreements.back().number);
    c.complaints.clear();
    auto f = of<relationship_ended>(c);
    f.by = c.ends;
    f.cause = c.end_cause;
    tell(std::move(f));
    c.is_away = true;
    if (c.deposit > 0) in_days(index, c.roll.between(30, 60), happening::refund);
}

PATRON_FN void simulation::world::come_back(std::uint32_t index, customer& c) {
    if (!c.is_away) return;
    c.is_away = false;
    c.is_buying = true;
    c.share = c.course[c.chapter_at].share;
    c.gap_now = 1000;
    if (c.reopens) {
        auto f = of<relationship_reopened>(c);
        f.cause = "new buyer on their side";
        tell(std::move(f));
        return next_order(index, c, c.roll.between(5, 20));
    }
    place_order(index, c, c.orders_token);  // won back by the order itself
}

PATRON_FN simulation::simulation(simulation_options options) : world_{std::make_unique<world>(options)} {}
PATRON_FN simulation::simulation(simulation&&) noexcept = default;
PATRON_FN simulation& simulation::operator=(simulation&&) noexcept = default;
PATRON_FN simulation::~simulation() = default;

PATRON_FN std::optional<fact> simulation::next() {
    auto& w = *world_;
    while (w.given == w.ready.size()) {
        if (w.over()) return std::nullopt;
        w.ready.clear();
        w.given = 0;
        w.play_a_day();
    }
    return std::move(w.ready[w.given++]);
}

}  // namespace patron::v1::testing
